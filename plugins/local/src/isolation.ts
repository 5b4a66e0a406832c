import { succeeds } from './effects.ts'
import type { Isolation } from './records.ts'

/** One way to keep a tree together, as the words to put before the guest's own command. */
export interface Enclosure {
  readonly name: 'pid-namespace' | 'user-namespace' | 'process-group'
  readonly prefix: readonly string[]
}

// The tree dies with its guest host: setpriv arms that for the next program, --kill-child passes it on.
const withHost = ['setpriv', '--pdeathsig', 'KILL']
const newPids = ['--pid', '--fork', '--kill-child', '--mount-proc']

/** Best first. The last needs nothing and always works. */
export const enclosures: readonly Enclosure[] = [
  { name: 'pid-namespace', prefix: [...withHost, 'unshare', ...newPids] },
  { name: 'user-namespace', prefix: [...withHost, 'unshare', '--user', '--map-current-user', ...newPids] },
  { name: 'process-group', prefix: withHost },
  { name: 'process-group', prefix: [] },
]

const bare: Enclosure = { name: 'process-group', prefix: [] }

/** The best that works here, found out by trying. Makes nothing that stays. */
export async function chooseEnclosure(isolation: Isolation, path: string): Promise<Enclosure> {
  for (const enclosure of enclosures) {
    if (isolation === 'process-group' && enclosure.name !== 'process-group') continue
    if (enclosure.prefix.length === 0 || (await succeeds([...enclosure.prefix, 'true'], path)))
      return enclosure
  }
  return bare
}
