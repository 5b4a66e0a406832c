import {
  contractError,
  hasCode,
  type Instance,
  type LaunchRequest,
  type Offering,
  type Provider,
} from '@agentctl/contract'
import { newRunId } from '../effects/random.ts'
import { backoffMs } from '../engine/backoff.ts'
import { agentName, digestOf, launchIdOf } from '../fleet/launch-id.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import type { Context } from './context.ts'
import { type Check, clockCheck, looked, skewOf } from './doctor-check.ts'
import { ask, checkGone, checkListed, checkVerbs, type Probe, since } from './probe-steps.ts'

/** Nobody needs it for longer, whatever becomes of this command. */
const lifeMs = 10 * 60_000
/** The machine powers itself off after this, should nobody end it before. Unit: seconds. */
const napSeconds = 60
const triesMax = 5

/** Guests that do nothing, and end. */
const userDataOf = {
  linux: `#!/bin/sh\nsleep ${napSeconds}\npoweroff\n`,
  process: `sleep ${napSeconds}\n`,
} as const

/**
 * One real machine, owned and short-lived: launched, found in the list, marked, ended, and seen gone. Whatever fails
 * on the way, and whatever cuts it short, it is ended; what is left of it is told as `cleanup-incomplete`.
 */
export async function probePool(
  context: Context,
  area: string,
  { policy, provider, wake }: Pick<Probe, 'policy' | 'provider' | 'wake'>,
): Promise<readonly Check[]> {
  const { clock } = context.effects
  const sentAt = clock.now()
  const launched = await looked(
    area,
    'probe: launch',
    () => launchAnywhere(context, policy, provider),
    ({ instance, offering }) => `${instance.id} by ${offering.id} in ${since(sentAt, clock.now())}`,
  )
  if (!launched.value) return [launched.check]
  const { instance, launchId } = launched.value
  const skewMs = instance.createdAt === undefined ? 0 : skewOf(instance.createdAt, sentAt, clock.now())
  const probe: Probe = { context, area, provider, policy, instance, launchId, wake }
  const steps = [
    launched.check,
    clockCheck(area, policy.provider, skewMs),
    await checkListed(probe),
    ...(await checkVerbs(probe)),
  ]
  return [...steps, await checkGone(probe)]
}

async function launchAnywhere(context: Context, policy: PoolPolicy, provider: Provider) {
  const runId = newRunId()
  let last: unknown
  for (const offering of policy.resolved.offerings) {
    try {
      const request = requestFor(context, policy, offering, runId)
      const instance = await launchSurely(context, provider, request)
      return { instance, offering, launchId: request.launchId }
    } catch (error) {
      if (!hasCode(error, 'capacity-unavailable')) throw error
      last = error
    }
  }
  throw last
}

function requestFor(
  { settings, effects }: Context,
  { name: pool, provider, resolved }: PoolPolicy,
  offering: Offering,
  runId: string,
): LaunchRequest {
  const { owner, agentTypes } = settings
  const agentType = Object.values(agentTypes).find(type => type.pools.includes(pool))?.name ?? ''
  const offeringId = `${provider}/${offering.id}`
  const launchId = launchIdOf({ owner, agentType, wants: [`probe:${runId}`], attempt: 1, offeringId })
  const units = [{ index: 0, attempt: 1, name: agentName(owner, launchId, 0) }]
  const userData = new TextEncoder().encode(userDataOf[resolved.guest])
  const expiry = { at: Math.floor((effects.clock.now() + lifeMs) / 1000) * 1000 }
  const digest = digestOf(userData, resolved, offering, units, expiry)
  return { launchId, digest, pool, agentType, offering, resolved, units, userData, expiry }
}

/** An answer that did not come is asked for again with the same id, so that there is one machine at most. */
async function launchSurely(context: Context, provider: Provider, request: LaunchRequest): Promise<Instance> {
  const { clock, random } = context.effects
  for (let tries = 1; ; tries++) {
    try {
      const { instances, shortfall } = await ask(context, 'launch', call => provider.launch(request, call))
      const [instance] = instances
      if (instance) return instance
      throw shortfall ?? contractError('internal', 'The launch answered no instance')
    } catch (error) {
      const isOpen = hasCode(error, 'outcome-unknown', 'unavailable', 'rate-limited')
      if (!isOpen || tries >= triesMax) throw error
      await clock.sleep(error.retryAfterMs ?? backoffMs(tries, random), context.signal)
    }
  }
}
