import type { ErrorCode } from '@agentctl/contract'
import { gravest } from '../errors/exit-codes.ts'
import { codeOfWant } from '../fleet/outcome.ts'
import { isStuck } from '../fleet/picture.ts'
import { breakerFailuresMax } from '../fleet/policy.ts'
import type { CapacityTick } from '../operations/capacity.ts'

/** 0 while all goes as it should. Jobs that wait for room in the pools are nothing wrong. */
export function exitOf(tick: CapacityTick, isFrozen: boolean): number {
  const { wants, unseen, fatal, broken } = tick
  return gravest([
    ...breakerCodes(tick),
    ...wants.flatMap(({ state }) => (state.state === 'failed' ? (codeOfWant(state) ?? []) : [])),
    ...(unseen.length > 0 ? (['unavailable'] as const) : []),
    ...(hasStuck(tick) || isFrozen ? (['cleanup-incomplete'] as const) : []),
    ...[...broken.values()].map(error => error.code),
    ...(fatal ? [fatal.code] : []),
  ])
}

/** A breaker is told as long as it is open, or holds back what waits. */
function breakerCodes({ breakers, wants, now, policy }: CapacityTick): readonly ErrorCode[] {
  const isWaiting = wants.some(({ state }) => state.state === 'open')
  return breakers
    .filter(one => policy.pools.has(one.pool))
    .flatMap((one): ErrorCode[] => {
      const isOpen = one.openUntil > now
      if (one.failures >= breakerFailuresMax) return isOpen || isWaiting ? ['boot-failed'] : []
      return isOpen && isWaiting ? ['quota-exceeded'] : []
    })
}

function hasStuck({ picture, now }: CapacityTick): boolean {
  return picture.units.some(view => isStuck(view, now))
}
