import type { LinuxBootstrap } from '../../../../src/bootstrap/linux/index.ts'

const digest = 'ab'.repeat(32)

/** No more than what has to be given. */
export const minimal: LinuxBootstrap = {
  basis: { endpoint: 'acme.semaphoreci.com', noHttps: false, token: 'the-token', idleMs: 300_000, agent: {} },
  units: [{ index: 0, name: 'agentctl-aaaa-0', attempt: 1 }],
  identity: { kind: 'fixed', index: 0 },
  agent: { path: '/opt/semaphore/agent/agent' },
  user: 'semaphore',
  timeouts: { bootMs: 600_000, agentMs: 300_000, totalMs: 90_000_000 },
  metadata: 'guarded',
}

/** Everything that can be given. */
export const full: LinuxBootstrap = {
  ...minimal,
  basis: {
    ...minimal.basis,
    agent: {
      'interruption-grace-period': 100,
      'env-vars': ['SEMAPHORE_CACHE_BACKEND=s3', 'GREETING=grüß "Gott"'],
      'post-job-hook-path': '/opt/hooks/post job.sh',
    },
  },
  units: [0, 1].map(index => ({
    index,
    name: `agentctl-aaaa-${index}`,
    attempt: 1,
    jobId: `00000000-0000-4000-8000-00000000000${index}`,
  })),
  identity: { kind: 'ec2-launch-index' },
  agent: {
    path: '/opt/semaphore/agent/agent',
    version: 'v2.4.0',
    download: {
      x86_64: { url: 'https://me:secret@mirror.example.com/agent_Linux_x86_64.tar.gz', sha256: digest },
      arm64: { url: 'https://mirror.example.com/agent_Linux_arm64.tar.gz', sha256: digest },
    },
  },
  stopSlackMs: 60_000,
  token: { kind: 'presigned', url: 'https://bucket.example.com/token?signature=abc' },
  toolbox: { x86_64: { url: 'https://mirror.example.com/self-hosted-linux.tar', sha256: digest } },
  cloud: 'azure',
  spotNotice: {},
  hold: { forMs: 3_600_000 },
  shutdownHook: { path: "/opt/hooks/it's over.sh", timeoutMs: 20_000 },
  roleCredentials: { profile: 'cache', region: 'eu-west-1' },
  packages: ['jq', 'nftables'],
  docker: true,
  sudo: true,
  proxy: { url: 'http://egress.internal:3128', except: ['.internal'] },
  ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  knownHosts: ['git.internal ssh-ed25519 AAAA'],
  files: [
    { path: '/etc/motd', content: 'hello\n', mode: '0644' },
    { path: '/etc/bytes', content: new Uint8Array([0, 1, 255]), mode: '0600', owner: 'semaphore' },
  ],
  before: 'echo before\nexit 0',
  after: 'echo "after"',
  downloads: { attempts: 3, pauseMs: 500 },
}
