import { quoted } from '../shell.ts'

export interface Entry {
  readonly agentPath: string
  readonly user: string
  /** config.yml, which root alone can read. */
  readonly secretPath: string
  /** A folder that is there and empty at each start. */
  readonly runFolder: string
  /** `copied`: the job's home is a copy in the run folder, where the user's own one cannot be written. */
  readonly home: 'own' | 'copied'
}

/**
 * Lines of bash, run by root: the settings go to the agent through a FIFO that is read once, then root becomes the
 * agent under its own user. No job can read them again.
 */
export function entryLines({ agentPath, user, secretPath, runFolder, home }: Entry): readonly string[] {
  const fifo = `${runFolder}/config.yml`
  const copied = `${runFolder}/home`
  return [
    'set -eu',
    `own=$(getent passwd ${quoted(user)} | cut -d: -f6)`,
    `mkfifo -m 600 ${fifo}`,
    `chown ${quoted(user)} ${runFolder} ${fifo}`,
    ...(home === 'copied' ? [`cp -a "$own" ${copied}`, `own=${copied}`] : []),
    `export HOME="$own" USER=${quoted(user)} LOGNAME=${quoted(user)}`,
    'cd "$own"',
    `(cat ${quoted(secretPath)} >${fifo}; rm -f ${fifo}) & exec setpriv --reuid ${quoted(user)} --regid ${quoted(user)} --init-groups ${quoted(agentPath)} start --config-file ${fifo}`,
  ]
}
