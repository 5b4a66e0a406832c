import { join } from 'node:path'

/**
 * Where an owner's journal lives: `AGENTCTL_STATE_DIR`, else `$XDG_STATE_HOME/agentctl`, else
 * `~/.local/state/agentctl`; then a folder named after the owner, so that two owners never share a journal.
 */
export function stateFolder(
  owner: string,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const base = env.AGENTCTL_STATE_DIR ?? join(env.XDG_STATE_HOME ?? join(home, '.local', 'state'), 'agentctl')
  return join(base, 'journals', owner)
}
