import type { AgentType, Pool } from '../config/types.ts'
import { targetsAt } from '../demand/schedule.ts'
import { slotKey } from '../demand/slots.ts'
import { type Standing, type StandingType, standing } from '../demand/standing.ts'
import type { Asking } from '../engine/tick.ts'
import { claims } from '../fleet/mine.ts'
import { isAlive, type Picture } from '../fleet/picture.ts'
import type { Policy } from '../fleet/policy.ts'
import { type LaunchRecord, unitKey } from '../fleet/records.ts'
import { surplusIn } from '../fleet/surplus.ts'
import { attemptsMaxOf, wantStates } from '../fleet/wants.ts'
import type { Journal } from '../journal/journal.ts'
import type { Context } from './context.ts'
import type { Session } from './session.ts'

/** Machines are too many when two looks, so far apart, say so. Unit: milliseconds. */
const lastingMs = 8_000

/** What an installation wants of each tick: as its queues, its targets and its fleet stand then. */
export function askingOf({ settings, effects }: Context, session: Session, only: string | undefined): Asking {
  const { engine, agentTypes, pools, maxAlive } = session
  const { journal } = engine
  const types = [...agentTypes.keys()].flatMap(name => settings.agentTypes[name] ?? [])
  const launching = new Map(
    [...pools].map(([name, pool]) => [
      name,
      only === undefined || name === only ? pool : { ...pool, max: 0 },
    ]),
  )
  const answeredFor = only === undefined ? pools : new Map([...pools].filter(([name]) => name === only))
  return {
    keysOf: queues => [
      ...types.flatMap(type => journal.slots(type.name).map(slotKey)),
      ...[...queues.values()].flatMap(queue => (queue.state === 'known' ? queue.value.jobIds : [])),
    ],
    async policyOf({ picture, now }): Promise<Policy> {
      const standings = types.map(type => {
        const stood = standing(standingType(type, settings.pools, now), picture, journal.slots(type.name))
        return { ...stood, excess: hasLasted(journal, type.name, stood, now) ? stood.excess : [] }
      })
      journal.saveSlots(standings.flatMap(one => one.slots))
      const isRunOver = session.isRunOver(effects.clock.now())
      const policy = {
        owner: engine.owner,
        pools: launching,
        agentTypes,
        wants: standings.flatMap(one => one.wants),
        concurrency: Number.POSITIVE_INFINITY,
        maxAlive: Number.POSITIVE_INFINITY,
        intent: 'run',
        isMine: (launch: LaunchRecord) =>
          claims({ runId: engine.runId, pools: answeredFor, isRunOver, intent: 'run' }, launch),
        surplus: surplusOf(standings, picture),
      } as const
      return { ...policy, maxAlive: await maxAlive(neededBy(policy, picture)) }
    },
  }
}

/** Machines that are there, and those that are waited for, as far as the pools may have them. */
function neededBy(policy: Policy, picture: Picture): number {
  const states = wantStates(policy.wants, picture, attemptsMaxOf(policy))
  const waiting = states.filter(({ state }) => state.state !== 'served' && state.state !== 'failed')
  const alive = picture.units.filter(isAlive).length
  const most = [...policy.pools.values()].reduce((sum, pool) => sum + pool.max, 0)
  return Math.max(alive, Math.min(alive + waiting.length, most))
}

/** A single answer of the hub that is too low, of a queue that is long, ends nothing. */
function hasLasted(journal: Journal, agentType: string, { excess }: Standing, now: number): boolean {
  const since = journal.excessSince(agentType)
  if (excess.length === 0) {
    if (since !== undefined) journal.saveExcess(agentType, undefined)
    return false
  }
  if (since === undefined) journal.saveExcess(agentType, now)
  return since !== undefined && now - since >= lastingMs
}

function standingType(type: AgentType, pools: Readonly<Record<string, Pool>>, now: number): StandingType {
  return {
    agentType: type.name,
    binding: type.binding,
    pools: type.pools.flatMap(name => {
      const capacity = pools[name]?.capacity
      if (!capacity) return []
      const { max, scaleFactor } = capacity
      return [{ name, max, scaleFactor, ...targetsAt(capacity, now) }]
    }),
  }
}

function surplusOf(standings: readonly Standing[], picture: Picture) {
  const excess = standings.flatMap(one => one.excess)
  return new Map([
    ...surplusIn(picture),
    ...excess.map(view => [unitKey(view.unit), 'fewer jobs wait than machines are on their way'] as const),
  ])
}
