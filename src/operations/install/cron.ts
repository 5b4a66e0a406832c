import { commandOf, type Installation, type InstallFile, runArgs } from './types.ts'

/**
 * A file for `/etc/cron.d`. What a run prints cron mails to `MAILTO`; a quiet run prints only what was done, or is wrong.
 * `%` is a line break to cron, crontab(5).
 */
export function cronFile(installation: Installation): InstallFile {
  const { envFile, user, owner } = installation
  const command = commandOf(installation, runArgs).map(quoted).join(' ')
  const line = `set -a; . ${quoted(envFile)}; exec ${command}`
  return {
    path: `/etc/cron.d/agentctl-${owner}`,
    text: `# agentctl of ${owner}: a run each minute, of nearly a minute. Runs may overlap.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
* * * * * ${user} ${line.replaceAll('%', '\\%')}
`,
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
