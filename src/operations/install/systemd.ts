import { commandOf, type Installation, type InstallFile, runArgs } from './types.ts'

const folder = '/etc/systemd/system'

/** Machines of `local` are processes of this host: they outlive the run that made them. */
const common = (installation: Installation) => `User=${installation.user}
EnvironmentFile=-${installation.envFile}
Environment=AGENTCTL_STATE_DIR=%S/agentctl
StateDirectory=agentctl
StateDirectoryMode=0700
KillMode=process
NoNewPrivileges=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
LockPersonality=yes
`

/** A service that is one run, and a timer that starts it each minute; systemd starts no second one while one goes on. */
export function timerFiles(installation: Installation): readonly InstallFile[] {
  const name = `agentctl-${installation.owner}`
  return [
    {
      path: `${folder}/${name}.service`,
      text: `[Unit]
Description=Machines for CI jobs of ${installation.owner}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${execOf(commandOf(installation, runArgs))}
TimeoutStartSec=180
${common(installation)}`,
    },
    {
      path: `${folder}/${name}.timer`,
      text: `[Unit]
Description=Each minute: machines for CI jobs of ${installation.owner}

[Timer]
OnCalendar=*-*-* *:*:00
AccuracySec=1s

[Install]
WantedBy=timers.target
`,
    },
  ]
}

/** A service that runs for good. Its words to systemd come from a child of its own, so all of its processes are heard. */
export function serveFiles(installation: Installation): readonly InstallFile[] {
  return [
    {
      path: `${folder}/agentctl-${installation.owner}.service`,
      text: `[Unit]
Description=Machines for CI jobs of ${installation.owner}
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
NotifyAccess=all
ExecStart=${execOf(commandOf(installation, ['capacity', 'serve']))}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=10
TimeoutStartSec=180
TimeoutStopSec=180
WatchdogSec=600
${common(installation)}
[Install]
WantedBy=multi-user.target
`,
    },
  ]
}

/** Its quoting is nearly that of a shell; `%` and `$` have a meaning of their own, systemd.service(5). */
function execOf(words: readonly string[]): string {
  return words
    .map(word => {
      const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
      return /^[\w@%+=:,./$-]+$/.test(plain) ? plain : `"${plain.replaceAll(/["\\]/g, '\\$&')}"`
    })
    .join(' ')
}
