import { minutesPastExpiry } from '@agentctl/provider-sim'
import type { ProvisionResult } from '../../src/operations/provision.ts'
import type { Reaped } from '../../src/operations/reap.ts'
import type { SimHub } from '../sim/queue.ts'
import { owner, type Rig, tally } from '../sim/rig.ts'
import type { Story } from './story.ts'
import type { Witness } from './witness.ts'

/** A tick or two, and how far a list may lag. Unit: milliseconds. */
const restMaxMs = 30_000

/** What the controllers of the aftermath said. */
export interface Seen {
  readonly last: ProvisionResult
  readonly sweeps: readonly Reaped[]
  /** While the first of them looked, by the cloud's clock. */
  readonly from: number
  readonly to: number
}

/** Everything that has to hold, always and in the end; what does not is told in words. */
export function judge(rig: Rig, story: Story, seen: Seen, witness: Witness): readonly string[] {
  const { cloud } = rig.sim
  const { last, sweeps } = seen
  const left = new Set(cloud.left(owner).map(line => line.split(' ')[1] ?? ''))
  const told = new Set(sweeps.at(-1)?.left ?? [])
  const isTold = (id: string) => {
    const instanceId = cloud.resources().find(one => one.id === id)?.instanceId
    return told.has(id) || told.has(instanceId ?? '')
  }
  const isJournalCommon = !story.isShared && !story.acts.some(act => act.losesJournal)
  const general = rig
    .violations({
      ...(isJournalCommon && story.acts.length > 0 && { mostMachines: mostOf(story) }),
      // The aftermath runs on a host of its own, which has no journal of what was before.
      mayDouble: !isJournalCommon,
      orphanMs: cloud.traits.worstOrphanMs,
    })
    // What the cloud does not delete is told by name; its parts are there as long as it is.
    .filter(words => !(words.endsWith('is left behind') && isTold(words.split(' ')[1] ?? '')))
  const isClockTrue = !story.happenings.some(one => one.kind === 'set-back')
  return [
    ...general,
    ...[...told].filter(id => !left.has(id)).map(id => `${id} is told to be left, and is not`),
    ...wronglyEnded(rig, witness).filter(words => isClockTrue || !words.includes('its job runs for longer')),
    ...leftToThemselves(rig, seen),
    ...untold(rig, last),
    ...witness.wrongs,
  ]
}

/** What the cloud was told to delete, and never does, is its own affair. */
export function leakedMinutes({ sim: { cloud } }: Pick<Rig, 'sim'>): number {
  const lives = [...cloud.ledger.lives].filter(([, life]) => !life.isKept)
  const ledger = { ...cloud.ledger, lives: new Map(lives) }
  return minutesPastExpiry(ledger, cloud.now(), cloud.traits.worstOrphanMs)
}

/** What has said why, and powered off, is ended as soon as a controller sees it: on some clouds it costs until then. */
function leftToThemselves({ sim: { cloud } }: Rig, { from, to }: Seen): readonly string[] {
  const calm = [...cloud.ledger.lives.values()].filter(life => life.from >= from)
  return calm.flatMap(({ id, from: madeAt, restedAt = to, endAskedAt = to }) => {
    // One that comes after its own deadline is off at once.
    const waitedMs = Math.min(endAskedAt, to) - Math.max(restedAt, madeAt)
    return waitedMs > restMaxMs ? [`${id} was off, and left to itself for ${waitedMs / 1000} s`] : []
  })
}

/** A busy machine within its deadline is nobody's to end. */
export function wronglyEnded(
  {
    hub,
    sim,
    lines,
    startedAt,
  }: Pick<Rig, 'sim' | 'lines' | 'startedAt'> & { readonly hub: Pick<SimHub, 'jobs'> },
  { cancelled }: Pick<Witness, 'cancelled'>,
  isAllowedFor = /it expired \d|its job has run|it is (stopped|failed)/,
): readonly string[] {
  const lives = Map.groupBy(sim.cloud.ledger.lives.values(), life => life.unitName ?? life.id)
  return [...hub.jobs.values()]
    .filter(job => job.state === 'broken')
    .flatMap(job => {
      const takenAt = (job.startedAt ?? 0) + sim.cloud.knobs().skewMs
      // A name that is free again may have had another machine later.
      const named = lives.get(job.ran.at(-1) ?? '') ?? []
      const life = named.find(one => one.from <= takenAt && takenAt <= (one.to ?? takenAt))
      if (life?.to === undefined || life.to >= life.expiresAt) return []
      // It was off before: taken back by the cloud, or after a registration whose reply was lost.
      if (life.restedAt !== undefined && life.restedAt <= (life.endAskedAt ?? life.to)) return []
      const downAt = ((job.lostAt ?? 0) - startedAt) / 1000
      const ended = lines
        .filter(line => Number(line.split(' ', 1)[0]) <= downAt)
        .find(line => line.includes('Terminated') && line.includes(`"${life.id}"`))
      const isAllowed = ended === undefined || cancelled.has(life.id) || isAllowedFor.test(ended)
      return isAllowed ? [] : [`${life.id} was busy and within its deadline: ${ended}`]
    })
}

/** Every job ran, or somebody was told why not: of a machine that does not go, and holds its job, too. */
function untold({ hub }: Rig, last: ProvisionResult): readonly string[] {
  const { queued = 0, running = 0 } = hub.counts()
  const { failed = 0, open = 0, refused = 0, unclear = 0, served = 0 } = tally(last)
  const told = failed + open + refused + unclear + served
  return [
    ...(queued > told ? [`${queued} jobs wait and ${told} are told of`] : []),
    ...(running > 0 ? [`${running} jobs run for ever`] : []),
  ]
}

/** What was allowed before it was lowered may be there for a while. */
function mostOf({ max, acts }: Story): number {
  return Math.max(max, ...acts.map(act => Number(act.config?.pool?.capacity?.max ?? 0)))
}
