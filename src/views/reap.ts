import { gravest } from '../errors/exit-codes.ts'
import type { Reaped } from '../operations/reap.ts'
import { type InstanceJson, instanceJson } from './instances.ts'
import { table } from './table.ts'

export interface ReapJson {
  readonly orphans: readonly {
    readonly id: string
    readonly kind: string
    readonly provider: string
    readonly reason: string
    readonly why: string
  }[]
  readonly gone: readonly string[]
  readonly left: readonly string[]
  /** More than one run may end. */
  readonly postponed: readonly string[]
  /** Why nothing that runs was ended. */
  readonly frozen: string | null
  readonly kept: readonly InstanceJson[]
  readonly settled: readonly string[]
  readonly unknown: readonly string[]
  readonly exit: number
}

export function reapJson(reaped: Reaped, dryRun: boolean): ReapJson {
  const { orphans, gone, left, postponed, frozen, kept, settled, unknown, error } = reaped
  return {
    orphans: orphans.map(({ ref, provider, reason, why }) => ({
      id: ref.id,
      kind: ref.kind,
      provider,
      reason,
      why,
    })),
    gone,
    left,
    postponed,
    frozen: frozen ?? null,
    kept: kept.map(instanceJson),
    settled,
    unknown,
    exit: gravest([
      ...(left.length + postponed.length > 0 && !dryRun ? (['cleanup-incomplete'] as const) : []),
      ...(unknown.length > 0 ? (['unavailable'] as const) : []),
      ...(error ? [error.code] : []),
    ]),
  }
}

const whatNow =
  'Check the clock of this host and the hub first. If they are right: agentctl reap --freeze-share 1'

export function reapLines(
  { orphans, gone, left, postponed, frozen, kept, settled, unknown, error }: Reaped,
  dryRun: boolean,
): readonly string[] {
  const fate = (id: string) => {
    if (postponed.includes(id)) return 'left for now'
    return dryRun ? 'would be ended' : gone.includes(id) ? 'gone' : 'still there'
  }
  const rows = orphans.map(({ ref, provider, why }) => [ref.kind, ref.id, provider, fate(ref.id), why])
  return [
    ...(rows.length > 0 ? table(['KIND', 'ID', 'PROVIDER', 'NOW', 'WHY'], rows) : ['No orphans.']),
    ...(kept.length > 0 ? [`${kept.length} instances run within their deadlines and are left alone.`] : []),
    ...settled.map(id => `launch ${id}: its command died before it reached the cloud`),
    ...unknown.map(why => `Unknown, for it could not be listed: ${why}`),
    ...(frozen === undefined ? [] : [`Nothing that runs was ended: ${frozen}.`, whatNow]),
    ...(postponed.length > 0 && frozen === undefined
      ? [`${postponed.length} more than one run may end: run it again, or give a higher --max.`]
      : []),
    ...(left.length > 0 && !dryRun ? ['Some are still there. Run it again: agentctl reap'] : []),
    ...(error ? [`${error.message}${error.hint ? ` ${error.hint}` : ''}`] : []),
  ]
}
