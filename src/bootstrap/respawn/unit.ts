import { entryLines } from './entry.ts'
import { type ContainerRespawn, capabilities, containerSecret, type Respawn } from './types.ts'

/** Stands for the instance's name, which systemd puts in: its `%` must not be escaped. */
const instance = '\u0001'

/** Words of a command line as systemd reads them. Source: systemd.service(5), "COMMAND LINES", version 252. */
function systemdLine(words: readonly string[]): string {
  const line = words.map(word => {
    const escaped = word
      .replaceAll('\\', '\\\\')
      .replaceAll('"', '\\"')
      .replaceAll('%', '%%')
      .replaceAll('$', '$$$$')
    return /^[\w./:=@,+-]+$/.test(escaped.replaceAll(instance, '')) ? escaped : `"${escaped}"`
  })
  return line.join(' ').replaceAll(instance, '%i')
}

/** Restarts are not limited, for each job is one; the second between them keeps a broken agent from spinning. */
function unitFile(description: string, after: readonly string[], service: readonly string[]): string {
  const lines = [
    '[Unit]',
    `Description=${description}`,
    `After=network-online.target ${after.join(' ')}`.trimEnd(),
    'Wants=network-online.target',
    ...(after.length > 0 ? [`Requires=${after.join(' ')}`] : []),
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    ...service,
    'Restart=always',
    'RestartSec=1',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ]
  return `${lines.join('\n')}\n`
}

/**
 * A template, `semaphore-agent@.service`: each start is a new container, removed at its end, so nothing of a job stays.
 * `systemctl enable --now semaphore-agent@1 semaphore-agent@2` runs two agents.
 */
export function containerUnit(respawn: ContainerRespawn): string {
  const { image, configFile, graceSeconds, agentPath, user } = respawn
  const name = `semaphore-agent-${instance}`
  const runFolder = '/run/agentctl'
  const script = entryLines({ agentPath, user, secretPath: containerSecret, runFolder, home: 'own' }).join(
    '; ',
  )
  const docker = (...args: readonly string[]) => systemdLine(['/usr/bin/docker', ...args])
  return unitFile(
    'Semaphore agent %i, a new container for each job',
    ['docker.service'],
    [
      `ExecStartPre=-${docker('rm', '--force', name)}`,
      `ExecStart=${docker(
        ...['run', '--rm', '--init', '--name', name, '--user', 'root', '--cap-drop', 'ALL'],
        ...capabilities.flatMap(capability => ['--cap-add', capability]),
        ...['--security-opt', 'no-new-privileges', '--tmpfs', `${runFolder}:exec,mode=0755`],
        ...[
          '--volume',
          `${configFile}:${containerSecret}:ro`,
          '--entrypoint',
          '/bin/bash',
          image,
          '-c',
          script,
        ],
      )}`,
      `ExecStop=${docker('stop', '--time', String(graceSeconds + 90), name)}`,
      `TimeoutStopSec=${graceSeconds + 100}`,
    ],
  )
}

/**
 * A template for agents on the host itself: a new process for each job, with a /tmp and a run folder of its own that
 * go with it. The user's home and the rest of the host stay: where jobs do not trust each other, take a container.
 */
export function processUnit({ configFile, agentPath, user, graceSeconds }: Respawn): string {
  const runFolder = `/run/semaphore-agent-${instance}`
  const script = entryLines({ agentPath, user, secretPath: configFile, runFolder, home: 'own' }).join('; ')
  return unitFile(
    'Semaphore agent %i, a new process for each job',
    [],
    [
      `RuntimeDirectory=semaphore-agent-%i`,
      'PrivateTmp=yes',
      // With the default a SIGTERM would reach the job at once, grace or not.
      'KillMode=mixed',
      `ExecStart=${systemdLine(['/bin/bash', '-c', script])}`,
      `TimeoutStopSec=${graceSeconds + 90}`,
    ],
  )
}
