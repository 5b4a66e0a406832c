import { heldUntil } from '../../fleet/holds.ts'
import { isAlive, type UnitView } from '../../fleet/picture.ts'
import type { CapacityTick } from '../../operations/capacity.ts'
import type { HostFacts } from '../../operations/host-facts.ts'
import { type ActionJson, type CapacityJson, capacityJson } from '../capacity.ts'
import { shortJob, span } from '../table.ts'
import { hostsSection, hostTrouble } from './hosts.ts'
import { type Cell, escaped, htmlTable, troubleList } from './html.ts'

/** Rows of the table of machines; those in trouble come first. */
const machinesMax = 200

/** A decision, and when it was taken. */
export interface Told extends ActionJson {
  readonly at: number
}

/** What one look decided; the same for the same reason is told once. Pure. */
export function decisionsOf(tick: CapacityTick): readonly Told[] {
  const { actions } = capacityJson(tick)
  const alike = Map.groupBy(actions, one => JSON.stringify([one.kind, one.pool, one.reason, one.why]))
  return [...alike.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, at: tick.now, units: [first, ...others].flatMap(one => one.units) }] : [],
  )
}

/** The parts of the page by their ids, as HTML. */
export type Sections = Readonly<
  Record<'figures' | 'trouble' | 'pools' | 'queue' | 'hosts' | 'machines' | 'decisions', string>
>

/**
 * Everything that the page shows of one look, of what was decided in those before, and of the hosts that share the
 * coordinator where there is one. Pure.
 */
export function sectionsOf(tick: CapacityTick, told: readonly Told[], host?: HostFacts): Sections {
  const json = capacityJson(tick)
  const views = tick.picture.units.filter(view => isAlive(view) && view.instance)
  return {
    figures: figures(json, views, tick.now),
    trouble: troubleList([...(host ? hostTrouble(host) : []), ...trouble(json)]),
    pools: pools(json, views, tick.now),
    queue: queue(json),
    hosts: host ? hostsSection(host) : '',
    machines: machines(views, tick.now),
    decisions: decisions(told, tick.now),
  }
}

function figures({ pools, types, unseen }: CapacityJson, views: readonly UnitView[], now: number): string {
  const sum = (counts: readonly number[]) => counts.reduce((one, other) => one + other, 0)
  const alive = sum(pools.flatMap(pool => Object.values(pool.phases)))
  const isQueueKnown = types.every(type => type.queued !== null)
  const areAgentsKnown = views.every(view => view.agent !== 'unknown')
  const shown: readonly [string, string][] = [
    ['machines', `${alive} of ${sum(pools.map(pool => pool.max))}`],
    ['jobs queued', isQueueKnown ? String(sum(types.map(type => type.queued ?? 0))) : 'unknown'],
    [
      'agents at work',
      areAgentsKnown ? String(views.filter(view => view.agent === 'busy').length) : 'unknown',
    ],
    ['not seen', String(unseen.length)],
    ['last look', new Date(now).toISOString().slice(11, 19)],
  ]
  return shown.map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`).join('')
}

function trouble({ pools, types, unseen, frozen }: CapacityJson): readonly string[] {
  return [
    ...pools.flatMap(({ pool, breaker }) =>
      breaker ? [`${pool} launches nothing (breaker ${breaker.state}): ${breaker.cause}`] : [],
    ),
    ...pools.flatMap(({ pool, error }) => (error === null ? [] : [`${pool}: ${error}`])),
    ...types.flatMap(({ agentType, isHubLimited }) =>
      isHubLimited ? [`${agentType}: the hub lists jobs that it does not grant; probing`] : [],
    ),
    ...types.flatMap(({ agentType, wants }) =>
      wants.failed
        ? [`${agentType}: ${wants.failed} jobs get no machine any more: their attempts are spent`]
        : [],
    ),
    ...unseen.map(what => `Unknown: ${what}`),
    ...(frozen === null ? [] : [`Nothing that runs was swept: ${frozen}`]),
  ]
}

function pools({ pools: all }: CapacityJson, views: readonly UnitView[], now: number): string {
  const viewsIn = Map.groupBy(views, view => view.launch.pool)
  const rows = all.map(({ pool, provider, max, phases, breaker }) => {
    const held = (viewsIn.get(pool) ?? []).filter(view => heldUntil(view) > now).length
    const count = Object.values(phases).reduce((one, other) => one + other, 0)
    const phased = Object.entries(phases).map(([phase, of]) => `${of} ${phase}`)
    const state: Cell = breaker
      ? { text: `breaker ${breaker.state}`, tone: 'bad' }
      : { text: 'closed', tone: 'good' }
    return [pool, `${count} of ${max}`, state, held > 0 ? String(held) : '', phased.join(', '), provider]
  })
  return htmlTable('Pools', ['Pool', 'Machines', 'Breaker', 'Held', 'Phases', 'Provider'], rows)
}

function queue({ types }: CapacityJson): string {
  const rows = types.map(({ agentType, queued, running, wants, isHubLimited }) => [
    agentType,
    queued === null ? ({ text: 'unknown', tone: 'bad' } as const) : String(queued),
    Object.entries(wants)
      .map(([state, count]) => `${count} ${state}`)
      .join(', '),
    isHubLimited ? ({ text: 'limited', tone: 'wait' } as const) : 'grants',
    running === null ? 'not asked' : String(running),
  ])
  return htmlTable('Queue', ['Agent type', 'Queued', 'Wanted', 'Hub', 'Running'], rows)
}

const order = ['terminating', 'draining', 'launching', 'booting', 'online']

function machines(views: readonly UnitView[], now: number): string {
  if (views.length === 0) return '<p>None.</p>'
  const sorted = views.toSorted(
    (one, other) => order.indexOf(one.unit.phase) - order.indexOf(other.unit.phase),
  )
  const rows = sorted.slice(0, machinesMax).map(view => {
    const { unit, launch, instance } = view
    const isHeld = heldUntil(view) > now
    const phase: Cell = isHeld
      ? { text: `held for ${span(heldUntil(view) - now)}`, tone: 'wait' }
      : { text: unit.phase, ...(unit.phase === 'online' && { tone: 'good' }) }
    const job = unit.jobId === undefined ? 'any' : { text: shortJob(unit.jobId), title: unit.jobId }
    const age = span(now - (unit.entered.requested ?? instance?.createdAt ?? now))
    return [instance?.id ?? unit.name, phase, unit.reason ?? '', job, age, launch.pool]
  })
  const rest = views.length > machinesMax ? `<p>… and ${views.length - machinesMax} more</p>` : ''
  return htmlTable('Machines', ['Machine', 'Phase', 'Reason', 'Job', 'Age', 'Pool'], rows) + rest
}

function decisions(told: readonly Told[], now: number): string {
  if (told.length === 0) return '<p>None since it was started.</p>'
  const lines = told.map(({ at, kind, pool, units, reason, why }) => {
    const what = `${kind} ${units.length} in ${pool || 'no pool'}${reason ? ` (${reason})` : ''}: ${why}`
    const time = new Date(at).toISOString()
    return `<li><time datetime="${time}">${span(now - at)} ago</time> ${escaped(what)}</li>`
  })
  return `<ul class="plain">${lines.join('')}</ul>`
}
