import type { Engine } from './deps.ts'

/**
 * Right before a call that changes anything: what it rests on is written down, and nobody else acts in its place.
 * @throws `unavailable`: the call is not made
 */
export async function committed({ journal }: Pick<Engine, 'journal'>): Promise<void> {
  if (journal.commit) await journal.commit()
}
