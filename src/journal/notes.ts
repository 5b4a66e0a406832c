import { type Scope, scopeKey } from '@agentctl/contract'
import type { Acquaintance, Breaker, HubLimit, Sighting, Slot, StockOut } from '../fleet/records.ts'
import { atomically, type Database, parsed, type Statements } from './database.ts'
import type { Unchanged } from './unchanged.ts'

/** A provider's scope that was used once: it is swept even after it has left the configuration. */
export interface UsedScope {
  readonly provider: string
  readonly scope: Scope
}

/** What is known of pools, agent types and scopes: small, each under its name. */
export interface Notes {
  stockOuts(): readonly StockOut[]
  saveStockOut(stockOut: StockOut): void
  breakers(): readonly Breaker[]
  saveBreaker(breaker: Breaker): void
  hubLimits(): readonly HubLimit[]
  saveHubLimit(limit: HubLimit): void
  clearHubLimit(agentType: string): void
  sightings(): readonly Sighting[]
  /** In place of those before. */
  saveSightings(sightings: readonly Sighting[]): void
  slots(agentType: string): readonly Slot[]
  saveSlots(slots: readonly Slot[]): void
  acquaintances(): readonly Acquaintance[]
  saveAcquaintance(acquaintance: Acquaintance): void
  /** Since when an agent type has had more machines than it needs; undefined while it has not. */
  excessSince(agentType: string): number | undefined
  saveExcess(agentType: string, since: number | undefined): void
  /** When all kinds were looked at last. */
  sweptAt(): number | undefined
  saveSweptAt(at: number): void
  rememberScope(used: UsedScope): void
  usedScopes(): readonly UsedScope[]
}

export function notesIn(database: Database, statement: Statements, unchanged: Unchanged): Notes {
  const read = <T>(kind: string) =>
    unchanged(kind, () =>
      parsed<T>(statement('select body from notes where kind = ? order by name').all(kind)),
    )
  const write = (kind: string, name: string, body: unknown) =>
    void statement('insert or replace into notes (kind, name, body) values (?, ?, ?)').run(
      kind,
      name,
      JSON.stringify(body),
    )
  return {
    stockOuts: () => read('stock-out'),
    saveStockOut: one => write('stock-out', `${one.pool}/${one.offeringId}`, one),
    breakers: () => read('breaker'),
    saveBreaker: one => write('breaker', one.pool, one),
    hubLimits: () => read('hub-limit'),
    saveHubLimit: one => write('hub-limit', one.agentType, one),
    clearHubLimit: agentType =>
      void statement(`delete from notes where kind = 'hub-limit' and name = ?`).run(agentType),
    sightings: () => read('sighting'),
    saveSightings: sightings =>
      atomically(database, () => {
        database.exec(`delete from notes where kind = 'sighting'`)
        for (const one of sightings) write('sighting', one.key, one)
      }),
    slots: agentType => read<Slot>('slot').filter(one => one.agentType === agentType),
    saveSlots: slots => {
      if (slots.length === 0) return
      atomically(database, () => {
        for (const one of slots) write('slot', `${one.agentType}/${one.number}`, one)
      })
    },
    acquaintances: () => read('acquaintance'),
    saveAcquaintance: one => write('acquaintance', one.scope, one),
    excessSince: agentType =>
      read<{ readonly agentType: string; readonly since: number }>('excess').find(
        one => one.agentType === agentType,
      )?.since,
    saveExcess: (agentType, since) =>
      since === undefined
        ? void database.prepare(`delete from notes where kind = 'excess' and name = ?`).run(agentType)
        : write('excess', agentType, { agentType, since }),
    sweptAt: () => read<{ readonly at: number }>('sweep')[0]?.at,
    saveSweptAt: at => write('sweep', 'all', { at }),
    rememberScope: used => write('scope', `${used.provider}/${scopeKey(used.scope)}`, used),
    usedScopes: () => read('scope'),
  }
}
