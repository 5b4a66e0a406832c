import { commandOf, type Installation, type InstallFile, runArgs, stopSeconds } from './types.ts'

const folder = '/etc/systemd/system'

/** Machines of `local` are processes of this host: they outlive the run that made them. */
const common = (installation: Installation, system: 'full' | 'strict' = 'full') => `User=${installation.user}
EnvironmentFile=-${installation.envFile}
Environment=AGENTCTL_STATE_DIR=%S/agentctl
StateDirectory=agentctl
StateDirectoryMode=0700
KillMode=process
NoNewPrivileges=yes
ProtectSystem=${system}
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
LockPersonality=yes
`

/**
 * What else a host of clouds can do without. Node writes what it runs, so MemoryDenyWriteExecute is not for it; a home may
 * hold a cloud's credentials.
 */
const confined = `UMask=0077
CapabilityBoundingSet=
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
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
  const exec = execOf(commandOf(installation, ['capacity', 'serve']))
  return [serviceOf(installation, exec, common(installation))]
}

/**
 * The same on each of the hosts that share a coordinator. An address that is kept in a file is a credential of the
 * service: root's file is read by systemd, and stands in no unit, variable or argument (systemd.exec(5), LoadCredential).
 */
export function hostFiles(
  installation: Installation,
  addressFile: string | undefined,
): readonly InstallFile[] {
  const exec = execOf(commandOf(installation, ['capacity', 'serve']))
  const credential = addressFile === undefined ? '' : `LoadCredential=coordinator:${addressFile}\n`
  const flag = addressFile === undefined ? '' : ` --coordinator file:\${CREDENTIALS_DIRECTORY}/coordinator`
  const owner = `Environment=AGENTCTL_OWNER=${installation.owner}\n`
  return [
    serviceOf(
      installation,
      `${exec}${flag}`,
      `${owner}${credential}${common(installation, 'strict')}${confined}`,
    ),
  ]
}

function serviceOf(installation: Installation, exec: string, more: string): InstallFile {
  return {
    path: `${folder}/agentctl-${installation.owner}.service`,
    text: `[Unit]
Description=Machines for CI jobs of ${installation.owner}
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
NotifyAccess=all
ExecStart=${exec}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=10
TimeoutStartSec=180
TimeoutStopSec=${stopSeconds}
WatchdogSec=600
${more}
[Install]
WantedBy=multi-user.target
`,
  }
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
