import assert from 'node:assert/strict'
import type { Changes, StoredRecord, Tenure, Work } from '../../coordinator.ts'
import type { CoordinatorContext, Life } from './context.ts'

const POLL_MS = 200

/** Everything that this host can take now. */
export async function takeAll({ coordinator }: Life): Promise<readonly Tenure[]> {
  const taken: Tenure[] = []
  for (;;) {
    const tenure = await coordinator.take()
    if (tenure === undefined) return taken
    taken.push(tenure)
  }
}

/** The only work that there is to take. */
export async function takeOne({ coordinator, host }: Life): Promise<Tenure> {
  const tenure = await coordinator.take()
  assert.ok(tenure, `${host} was given no work, and nobody holds it`)
  return tenure
}

/** A host that has these works, and holds all of them. */
export async function holding(life: Life, ...works: readonly Work[]): Promise<readonly Tenure[]> {
  await life.coordinator.offer(works)
  const taken = await takeAll(life)
  assert.deepEqual(namesOf(taken), works.map(({ name }) => name).sort(), 'not all works were to be had')
  return taken
}

export async function holdingOne(life: Life, work: Work): Promise<Tenure> {
  const [tenure] = await holding(life, work)
  assert.ok(tenure)
  return tenure
}

export function namesOf(tenures: readonly Tenure[]): readonly string[] {
  return tenures.map(({ work }) => work.name).sort()
}

export async function assertNothingToTake({ coordinator, host }: Life, why: string): Promise<void> {
  const taken = await coordinator.take()
  assert.equal(taken?.work.name, undefined, `${host} was given a work, and ${why}`)
}

/** What a host is given within that time; it asks again and again. */
export async function takenWithin(
  context: CoordinatorContext,
  { coordinator, host }: Life,
  withinMs: number,
): Promise<Tenure> {
  return eventually(context, withinMs, `${host} was given no work`, () => coordinator.take())
}

/** What `look` gives once it gives something, which it does within that time. */
export async function eventually<T>(
  { clock }: CoordinatorContext,
  withinMs: number,
  otherwise: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const until = clock.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (clock.now() >= until) assert.fail(`${otherwise} within ${withinMs} ms`)
    await clock.sleep(POLL_MS)
  }
}

/** A closed or open note about something; any other field is given. */
export function recordOf(key: string, subject: string, change: Partial<StoredRecord> = {}): StoredRecord {
  return { kind: 'note', key, subject, isOpen: true, at: 1_700_000_000_000, body: '{}', ...change }
}

export function saving(...saved: readonly StoredRecord[]): Changes {
  return { saved, removed: [] }
}

export async function keep(tenure: Tenure, ...saved: readonly StoredRecord[]): Promise<void> {
  assert.equal(await tenure.commit(saving(...saved)), 'kept', 'a work that is held was called lost')
}

/** Whether these are the same records, byte for byte and field for field, in any order. */
export function assertSame(
  found: readonly StoredRecord[],
  wanted: readonly StoredRecord[],
  what: string,
): void {
  assert.deepEqual(sorted(found), sorted(wanted), `${what} gave other records`)
}

function sorted(records: readonly StoredRecord[]): readonly StoredRecord[] {
  const keyOf = ({ kind, key }: StoredRecord) => `${kind} ${key}`
  return records.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)).map(plain)
}

/** A field that is left out and one that is undefined are the same to everybody. */
function plain(record: StoredRecord): StoredRecord {
  return JSON.parse(JSON.stringify(record)) as StoredRecord
}

export function times<T>(count: number, run: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => run(index))
}
