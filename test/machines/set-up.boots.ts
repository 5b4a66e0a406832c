import { agentScript } from './guest.ts'
import { debianPackage, sha256, tarOf } from './packing.ts'
import { type Stage, scaled, scenario, stopSlack, timeouts } from './scenario.ts'

const path = '/opt/semaphore/agent/agent'

async function agentRelease({ files }: Stage) {
  const release = await tarOf('czf', [
    { path: 'agent', text: agentScript, mode: 0o755 },
    { path: 'README.md', text: 'read me' },
  ])
  return { x86_64: { url: files.put('agent.tar.gz', release), sha256: sha256(release) } }
}

async function finished(stage: Stage, job: string, machine: Awaited<ReturnType<Stage['boot']>>) {
  const ended = await stage.end(machine)
  stage.expect(ended.reason).toBe('job-finished')
  stage.expect(stage.hub.job(job)).toMatchObject({ result: 'passed' })
  return { ...ended, log: stage.hub.log(job) }
}

scenario('agent and toolbox are downloaded, verified and used', async stage => {
  const toolboxTar = await tarOf('cf', [
    { path: 'toolbox/toolbox', text: 'checkout() { echo "checked out"; }\n' },
    { path: 'toolbox/install-toolbox', text: 'echo "as $(id -un) in $HOME" >$HOME/.toolbox/installed\n' },
  ])
  const toolbox = { x86_64: { url: stage.files.put('toolbox.tar', toolboxTar), sha256: sha256(toolboxTar) } }
  const [job = ''] = stage.hub.queue({ commands: ['checkout', 'cat ~/.toolbox/installed'] })
  const agent = { path, download: await agentRelease(stage) }
  const { log } = await finished(stage, job, await stage.boot({ agent, toolbox }, { agent: false }))
  stage.expect(log).toContain('checked out')
  stage.expect(log).toContain('as root in /home/semaphore')
  stage.expect(stage.files.requests).toEqual(['GET /agent.tar.gz', 'GET /toolbox.tar'])
})

scenario('a bare binary is downloaded where the image has another version', async stage => {
  const script = agentScript.replace('#!/bin/sh\n', '#!/bin/sh\nexport GREETING=new\n')
  const download = { x86_64: { url: stage.files.put('agent', script), sha256: sha256(script) } }
  const [job = ''] = stage.hub.queue({ commands: ['echo "greeting $GREETING"'] })
  const agent = { path, version: 'v99.0.0', download }
  stage.expect((await finished(stage, job, await stage.boot({ agent }))).log).toContain('greeting new')
})

scenario('an image with the wanted version downloads nothing', async stage => {
  const [job = ''] = stage.hub.queue({ commands: ['true'] })
  const agent = { path, version: 'v2.4.0+agentctl', download: await agentRelease(stage) }
  await finished(stage, job, await stage.boot({ agent }))
  stage.expect(stage.files.requests).toEqual([])
})

scenario('without curl and wget Python downloads', async stage => {
  const [job = ''] = stage.hub.queue({ commands: ['true'] })
  const agent = { path, download: await agentRelease(stage) }
  const machine = await stage.boot({ agent, before: 'rm /usr/bin/curl' }, { agent: false })
  await finished(stage, job, machine)
  stage.expect(stage.files.requests).toEqual(['GET /agent.tar.gz'])
})

scenario('files, scripts, proxy, certificates and known hosts are in place', async stage => {
  const { hub, boot, files, expect } = stage
  const release = await agentRelease(stage)
  const ca = await selfSigned()
  const [job = ''] = hub.queue({
    commands: [
      'cat /etc/a-file /etc/order; stat -c "%U %a" /etc/a-file; cat /etc/bytes | od -An -tx1',
      'env | grep -i proxy | sort',
      'grep -c "^github.com ssh-ed25519" /etc/ssh/ssh_known_hosts',
      'test "$(sed -n 2p /usr/local/share/ca-certificates/agentctl.crt)" && grep -qF "$(sed -n 2p /usr/local/share/ca-certificates/agentctl.crt)" /etc/ssl/certs/ca-certificates.crt && echo "ca is trusted"',
      'systemctl is-enabled apt-daily.timer unattended-upgrades.service; true',
      'sudo -n id -u',
    ],
  })
  const host = new URL(stage.hub.url).hostname
  const machine = await boot(
    {
      agent: { path, download: { x86_64: { ...release.x86_64, url: 'http://mirror.invalid/agent.tar.gz' } } },
      files: [
        { path: '/etc/a-file', content: 'größer "$HOME"\n', mode: '0640', owner: 'semaphore' },
        { path: '/etc/bytes', content: new Uint8Array([0, 255, 10]), mode: '0644' },
      ],
      proxy: { url: files.url, except: [host] },
      ca,
      before: 'echo "before: $(cat /etc/a-file | wc -l) $(test -e /opt/agentctl || echo fresh)" >>/etc/order',
      after: `echo "after: $(test -e /opt/agentctl/agent/agent && echo 'agent is there')" >>/etc/order`,
      sudo: true,
    },
    { agent: false },
  )
  const { log } = await finished(stage, job, machine)
  expect(log).toContain('größer "$HOME"\nbefore: 1 fresh\nafter: agent is there\nsemaphore 640\n 00 ff 0a')
  expect(log).toContain(`HTTPS_PROXY=${files.url}`)
  expect(log).toContain(`no_proxy=localhost,127.0.0.1,169.254.169.254,metadata.google.internal,${host}`)
  expect(log).toContain('ca is trusted')
  expect(log).toMatch(/masked/)
  expect(log.trimEnd().split('\n')).toContain('0')
  expect(files.requests).toEqual(['GET http://mirror.invalid/agent.tar.gz'])
})

scenario('packages are installed when the pool asks', async stage => {
  const { deb, index } = await debianPackage('a-test-package', [
    { path: 'usr/share/a-test/hello', text: 'hello' },
  ])
  stage.files.put('Packages', index)
  stage.files.put('a-test-package.deb', deb)
  const files = [
    { path: '/etc/apt/sources.list', content: `deb [trusted=yes] ${stage.files.url} ./\n`, mode: '0644' },
  ]
  const [job = ''] = stage.hub.queue({ commands: ['cat /usr/share/a-test/hello'] })
  const machine = await stage.boot({ files, packages: ['a-test-package'] })
  stage.expect((await finished(stage, job, machine)).log).toContain('hello')
})

scenario('packages that cannot be had end the boot', async stage => {
  stage.files.put('Packages', '')
  const files = [
    { path: '/etc/apt/sources.list', content: `deb [trusted=yes] ${stage.files.url} ./\n`, mode: '0644' },
  ]
  const ended = await stage.end(await stage.boot({ files, packages: ['no-such-package'] }))
  stage.expect(ended.reason).toBe('agent-failed')
  stage.expect(ended.detail).toContain('boot: cannot install no-such-package: E: Unable to locate package')
})

scenario("Docker that the image has is given to the agent's user", async stage => {
  const unit = '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'
  const files = [
    { path: '/usr/bin/dockerd', content: '#!/bin/sh\n', mode: '0755' },
    { path: '/etc/systemd/system/docker.service', content: unit, mode: '0644' },
  ]
  const [job = ''] = stage.hub.queue({ commands: ['id -Gn', 'systemctl is-active docker'] })
  const machine = await stage.boot({ files, docker: true, before: 'groupadd docker' })
  const { log } = await finished(stage, job, machine)
  stage.expect(log).toContain('semaphore docker')
  stage.expect(log).toContain('\nactive')
})

scenario('where there can be no FIFO the configuration is a file, gone before the job', async stage => {
  const [job = ''] = stage.hub.queue({ commands: ['ls /run/agentctl'] })
  const { log } = await finished(
    stage,
    job,
    await stage.boot({
      before: "printf '#!/bin/sh\\nexit 1\\n' >/usr/local/sbin/mkfifo; chmod 755 /usr/local/sbin/mkfifo",
    }),
  )
  stage.expect(log).toContain('shutdown-hook')
  stage.expect(log).not.toContain('config.yml')
})

scenario("the user's shutdown hook runs as the agent's user and knows the reason", async stage => {
  const { url } = stage.files
  const hook = `curl -s "${url}/hook/$(id -un)/$SEMAPHORE_AGENT_SHUTDOWN_REASON"`
  const files = [{ path: '/opt/hook', content: hook, mode: '0644' }]
  const [job = ''] = stage.hub.queue({ commands: ['true'] })
  const ended = await finished(stage, job, await stage.boot({ files, shutdownHook: { path: '/opt/hook' } }))
  stage.expect(ended.detail).toBe('exit=0')
  stage.expect(stage.files.requests).toEqual(['GET /hook/semaphore/JOB_FINISHED'])
})

const hold = { forMs: 4000 }

scenario('a failed job is held until the deadline of the hold', async stage => {
  const { hub, boot, end, expect } = stage
  hub.queue({ commands: ['false'] })
  const files = [{ path: '/opt/post', content: 'touch /tmp/post-job-hook-ran', mode: '0644' }]
  const basis = { ...stage.bootstrap().basis, agent: { 'post-job-hook-path': '/opt/post' } }
  const machine = await boot({ hold, basis, files })
  await machine.console.line(/phase=held/)
  expect((await machine.exec('ls', '/tmp/post-job-hook-ran')).code).toBe(0)
  const ended = await end(machine)
  expect(ended.reason).toBe('job-finished')
  expect((ended.marks['power-off'] ?? 0) - (ended.marks.held ?? 0)).toBeGreaterThanOrEqual(3.9)
})

scenario('a boot that failed is held as well, and says first why it failed', async stage => {
  const machine = await stage.boot({ hold, before: 'exit 3' })
  await machine.console.line(/phase=held/)
  const heldAt = Date.now()
  await machine.console.line(/end reason=agent-failed/)
  stage.expect((await machine.exec('cat', '/run/agentctl/private/phase')).stdout.trim()).toBe('hold-ends')
  const ended = await stage.end(machine)
  stage.expect(ended.reason).toBe('agent-failed')
  stage.expect((ended.marks['hold-ends'] ?? 0) - (ended.marks.held ?? 0)).toBeGreaterThanOrEqual(3.9)
  stage.expect(Date.now() - heldAt).toBeGreaterThanOrEqual(3_500)
})

scenario('a job that passed is not held', async stage => {
  const [job = ''] = stage.hub.queue({ commands: ['true'] })
  const { marks } = await finished(stage, job, await stage.boot({ hold }))
  stage.expect(marks).not.toHaveProperty('held')
})

scenario("a hold never outlives the machine's own deadline", async stage => {
  stage.hub.queue({ commands: ['false'] })
  const limits = timeouts({ total: 40 })
  const ended = await stage.end(await stage.boot({ hold: { forMs: 600_000 }, timeouts: limits }))
  stage.expect(ended.marks).toHaveProperty('held')
  stage
    .expect(ended.text)
    .toContain(`soft stop: ${scaled(40) - scaled(stopSlack)} s of ${scaled(40)} s are over`)
})

scenario("an agent's binary is made execute-only, so that nobody reads its memory", async stage => {
  const agent = { path: '/opt/some-agent' }
  const machine = await stage.boot({ agent, before: 'cp /bin/true /opt/some-agent', hold })
  await machine.console.line(/phase=held/)
  const { stdout } = await machine.exec('stat', '--format', '%U %a', '/opt/some-agent')
  stage.expect(stdout.trim()).toBe('root 711')
  stage.expect(await stage.end(machine)).toMatchObject({ reason: 'agent-failed' })
})

async function selfSigned(): Promise<string> {
  const { must } = await import('./commands.ts')
  const script =
    'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=tests -days 1 -keyout /dev/null 2>/dev/null'
  return must('sh', ['-c', script])
}
