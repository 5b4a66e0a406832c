import type { Story } from './story.ts'

export interface Edit {
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

/** A mistake that somebody could make, and that the campaign has to catch. */
export interface Bug<S = Story> {
  readonly name: string
  readonly edits: readonly Edit[]
  /** Which stories of the campaign have what it takes to be seen; left out, any. Those are played, in their order. */
  readonly needs?: (story: S) => boolean
}

const bug = (name: string, ...edits: readonly Edit[]): Bug => ({ name, edits })
const rare = (needs: NonNullable<Bug['needs']>, name: string, ...edits: readonly Edit[]): Bug => ({
  ...bug(name, ...edits),
  needs,
})
const edit = (file: string, find: string, replace: string): Edit => ({ file: `src/${file}`, find, replace })

export const bugs: readonly Bug[] = [
  bug(
    'the intent is written after the call',
    edit('engine/act-launch.ts', '  engine.journal.save({ launches: [record], units })\n', ''),
    edit(
      'engine/act-launch.ts',
      '    journal.save({ launches: [{ ...record, doubtedAt: clock.now() }] })\n',
      '    clock.now()\n',
    ),
  ),
  bug(
    'absence from one list is proof',
    edit(
      'fleet/absence.ts',
      '  return look.askedAt > absentSince && look.askedAt - absentSince >= (capabilities?.settleMs ?? 0)',
      '  return (capabilities?.settleMs ?? 0) >= 0',
    ),
    edit('fleet/absence.ts', '  return madeBy + (capabilities?.settleMs ?? 0)', '  return madeBy * 0'),
  ),
  bug(
    'a list that failed is empty',
    edit(
      'engine/gather.ts',
      'return { provider: name, scope: scopeKey(scope), askedAt, resources }',
      'return { provider: name, scope: scopeKey(scope), askedAt, resources: resources.state === "known" ? resources : known([]) }',
    ),
  ),
  bug(
    'a definite refusal forgets the doubt before it',
    edit(
      'engine/act-launch.ts',
      "return reaction !== 'next-attempt' && doubtedAt !== undefined",
      "return reaction !== 'next-attempt' && doubtedAt === Number.NaN",
    ),
  ),
  bug(
    'an answer that never came is a refusal',
    edit('fleet/reactions.ts', "'outcome-unknown': 'repeat'", "'outcome-unknown': 'next-attempt'"),
  ),
  bug(
    'what is in doubt is not counted',
    edit(
      'fleet/picture.ts',
      "(launch.state !== 'settled' || unit.instanceId !== undefined)",
      "(launch.state === 'accepted' || unit.instanceId !== undefined)",
    ),
  ),
  bug(
    'machines on their way down are not counted',
    edit(
      'fleet/rooms.ts',
      'Map.groupBy(picture.units.filter(isAlive), view',
      "Map.groupBy(picture.units.filter(one => isAlive(one) && one.unit.phase !== 'terminating' && one.unit.phase !== 'draining'), view",
    ),
  ),
  bug(
    'an accepted terminate is an end',
    edit(
      'engine/act-terminate.ts',
      "if (answer === 'accepted') return",
      "if ((answer as string) === 'refused') return",
    ),
  ),
  bug(
    'the launch id does not have the attempt in it',
    edit('fleet/launch-id.ts', '[...wants].sort(), attempt, offeringId]', '[...wants].sort(), offeringId]'),
  ),
  bug(
    'a machine whose job is not queued any more is ended',
    edit(
      'fleet/plan-endings.ts',
      '    if (isEndingSoon(view, now)) return []\n',
      `    if (isEndingSoon(view, now)) return []
    const queue = picture.queues.get(launch.agentType)
    if (queue?.state === 'known' && unit.jobId !== undefined && !queue.value.jobIds.includes(unit.jobId))
      return [{ kind: 'terminate', provider: launch.provider, ref: refOf(instance), unit, reason: 'not-needed', why: 'its job is not queued' }]
`,
    ),
  ),
  bug(
    'a hub that does not answer lists no agents',
    edit(
      'fleet/observe.ts',
      "if (agents?.state !== 'known') return 'unknown'",
      "if (agents?.state !== 'known') return 'absent'",
    ),
  ),
  rare(
    ({ knobs }) => (knobs.wedgedChance ?? 0) > 0,
    'nobody looks at the deadline',
    edit('fleet/deadlines.ts', 'if (expiresAtOf(view) <= now) return', 'if (expiresAtOf(view) <= 0) return'),
    edit('fleet/orphans.ts', 'if (expiresAt <= now) return', 'if (expiresAt <= 0) return'),
  ),
  bug(
    'a machine is taken for expired minutes early',
    edit('fleet/orphans.ts', 'if (expiresAt <= now) return', 'if (expiresAt - 420_000 <= now) return'),
  ),
  bug(
    'a sweep looks at machines alone',
    edit(
      'operations/sweep.ts',
      'kinds: resourceKinds,',
      "kinds: resourceKinds.filter(kind => kind === 'instance'),",
    ),
  ),
  rare(
    ({ binding, acts, signMs = 0 }) =>
      binding === 'queue' &&
      signMs > 500 &&
      acts.some((act, at) => act.isBeside && (acts[at + 1]?.afterMs ?? Number.POSITIVE_INFINITY) <= 2_000),
    'two commands tick at once',
    edit(
      'journal/lock.ts',
      'while (!hasTaken(database, file)) {',
      'while (file === "" && !hasTaken(database, file)) {',
    ),
  ),
  rare(
    ({ acts }) => acts.some(act => act.command === 'provision' && act.endsItsOwn === true),
    'a run of another command is over at once',
    edit('journal/run.ts', 'return runId => !live.has(runId)', 'return runId => !live.has(runId.slice(1))'),
  ),
  bug(
    'what powered off is left to itself',
    edit(
      'fleet/plan-endings.ts',
      "  if (instance?.state === 'stopped' || instance?.state === 'failed') {",
      "  if (instance?.state === 'failed') {",
    ),
    edit(
      'fleet/orphans.ts',
      "  if (instance?.state === 'stopped' || instance?.state === 'failed') {",
      "  if (instance?.state === 'failed') {",
    ),
  ),
]
