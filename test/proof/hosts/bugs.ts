import type { Bug, Edit } from '../bugs.ts'
import type { HostStory } from './story.ts'

const bug = (name: string, ...edits: readonly Edit[]): Bug<HostStory> => ({ name, edits })
const rare = (
  needs: NonNullable<Bug<HostStory>['needs']>,
  name: string,
  ...edits: readonly Edit[]
): Bug<HostStory> => ({ ...bug(name, ...edits), needs })
const edit = (file: string, find: string, replace: string): Edit => ({ file: `src/${file}`, find, replace })

/** Mistakes that somebody could make where hosts share an installation, and that the campaign has to catch. */
export const hostBugs: readonly Bug<HostStory>[] = [
  bug(
    'a call goes out before it is written down',
    edit(
      'engine/committed.ts',
      'if (journal.commit) await journal.commit()',
      'if (!journal) throw new Error()',
    ),
  ),
  bug(
    'who lost a work goes on',
    edit(
      'coordination/mirror.ts',
      "if (answer === 'lost') over(",
      "if ((answer as string) === 'never') over(",
    ),
  ),
  bug(
    'after a commit that failed a host goes on',
    edit(
      'coordination/mirror.ts',
      'const answer = await tenure.commit(changes).catch(error => over(messageOf(error)))',
      "const answer = await tenure.commit(changes).catch(() => 'kept' as const)",
    ),
  ),
  bug(
    'each host has as many machines as all of them may have',
    edit('coordination/own-part.ts', 'if (!Number.isFinite(max)) return max', 'if (max > 0) return max'),
  ),
  bug(
    'a host goes by its own clock',
    edit('operations/together/ground.ts', 'adjust: clock.adjust,', 'adjust: () => undefined,'),
  ),
  bug(
    'pools that share an agent type are two works',
    edit(
      'coordination/works.ts',
      'if (first !== undefined) leaders.set(leaderOf(pool), leaderOf(first))',
      'if (first === undefined) leaders.set(leaderOf(pool), leaderOf(pool))',
    ),
  ),
  bug(
    'rates are those of each host',
    edit('engine/admission.ts', 'if (!deps.shared) return\n', 'if (deps.clock) return\n'),
  ),
  bug(
    'a host that drains keeps what it has',
    edit('operations/together/holdings.ts', 'return isDraining ? 0 : Math', 'return isDraining ? 9 : Math'),
  ),
  bug(
    'a work that failed is given back to nobody',
    edit('operations/together/host.ts', 'return await tenure.release(restMs)', 'return void restMs'),
  ),
  rare(
    ({ kind, binding }) => kind === 'tag look-up' && binding === 'job',
    'the call of a host that is silent is not waited for',
    edit(
      'fleet/on-its-way.ts',
      'if (doubtedAt === undefined || nextTryAt > doubtedAt) return false',
      'if (doubtedAt !== Number.NaN || nextTryAt > doubtedAt) return false',
    ),
  ),
]
