import type { ActionJson, CapacityJson, PoolJson, TypeJson } from './capacity.ts'
import { table } from './table.ts'

/** A line for each agent type and pool, and what is wrong; nothing for a quiet reader when all is well and nothing was done. */
export function capacityLines(json: CapacityJson, isQuiet: boolean): readonly string[] {
  if (isQuiet && json.exit === 0 && json.actions.length + json.swept.length === 0) return []
  return [
    ...json.types.map(typeLine),
    ...json.pools.flatMap(pool => poolLines(pool, done)),
    ...troubleLines(json),
  ]
}

/** What would be done, and why; with the numbers that it rests on. */
export function planLines(json: CapacityJson): readonly string[] {
  const verbs = {
    launch: 'launch',
    terminate: 'end',
    resume: 'repeat',
    settle: 'give up',
    guard: 'guard',
  } as const
  const rows = json.actions.map(action => [
    verbs[action.kind],
    action.pool,
    whatOf(action),
    action.offering ?? '',
    action.why,
  ])
  return [
    ...json.types.map(typeLine),
    ...json.pools.flatMap(pool => poolLines(pool, planned)),
    ...troubleLines(json),
    '',
    ...(rows.length > 0 ? table(['DO', 'POOL', 'WHAT', 'OFFERING', 'WHY'], rows) : ['Nothing to do.']),
  ]
}

function whatOf({ kind, units }: ActionJson): string {
  const [only = ''] = units
  if (kind !== 'launch') return only
  return units.length === 1 && !only.startsWith('slot:') ? `1 for ${only.slice(0, 8)}` : String(units.length)
}

function typeLine({ agentType, queued, running, isHubLimited, wants }: TypeJson): string {
  const states = { served: 'under way', open: 'without a machine', refused: 'refused', failed: 'given up' }
  const parts = Object.entries(states).flatMap(([state, words]) =>
    wants[state] ? [`${wants[state]} ${words}`] : [],
  )
  const queue = queued === null ? 'its queue could not be read' : `${queued} queued`
  return [
    `${agentType}: ${queue}`,
    ...(running === null ? [] : [`${running} running`]),
    ...parts,
    ...(isHubLimited ? ['the hub lists jobs that it does not grant: one launch at a time looks again'] : []),
  ].join(', ')
}

type Words = typeof done | typeof planned
const done = { launch: 'launched', end: 'ended' } as const
const planned = { launch: 'to launch', end: 'to end' } as const

function poolLines(
  { pool, max, launched, ended, phases, breaker, error }: PoolJson,
  words: Words,
): readonly string[] {
  const alive = Object.entries(phases).map(([phase, count]) => `${count} ${phase}`)
  const state = alive.length > 0 ? `${alive.join(', ')} of at most ${max}` : `none of at most ${max}`
  return [
    `${pool}: ${launched} ${words.launch}, ${ended} ${words.end}; ${state}`,
    ...(breaker ? [`${pool}: ${breaker.state === 'open' ? 'breaker open' : 'waits'}: ${breaker.cause}`] : []),
    ...(breaker?.console ? breaker.console.trimEnd().split('\n').slice(-consoleLines).map(indent) : []),
    ...(error === null ? [] : [`${pool}: launches nothing: ${error}`]),
  ]
}

const consoleLines = 10
const indent = (line: string) => `  | ${line}`

function troubleLines({ unseen, strange, swept, stopped, frozen }: CapacityJson): readonly string[] {
  return [
    ...stopped.map(({ jobId, why }) => `Stopped the job ${jobId}: ${why}`),
    ...swept.map(({ kind, id, why }) => `Swept: ${kind} ${id}: ${why}`),
    ...(frozen === null ? [] : [`Nothing that runs was swept: ${frozen}. See: agentctl reap --dry-run`]),
    ...unseen.map(what => `Unknown: ${what}. Nothing is ended for want of it.`),
    ...strange.map(
      scope => `${scope}: this journal does not know it yet; nothing is launched before a second look`,
    ),
  ]
}
