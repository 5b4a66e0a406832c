import { atomically, type Database } from './database.ts'

/** How much of the past a journal keeps. */
export interface Keeping {
  /** What was closed, and not changed since, before that time goes. */
  readonly before: number
  /** Where the file has more in use, the oldest goes as well: first what consoles said, then all of what is closed. */
  readonly bytesMax: number
}

export function prune(database: Database, { before, bytesMax }: Keeping): void {
  atomically(database, () => {
    forget(database, before)
    const isTooBig = () => bytesUsed(database) > bytesMax
    while (isTooBig() && dropConsoles(database)) {}
    while (isTooBig() && dropOldest(database)) {}
  })
}

function forget(database: Database, before: number): void {
  database.prepare('delete from units where is_open = 0 and changed_at < ?').run(before)
  database
    .prepare(
      `delete from launches where is_open = 0 and intended_at < ?
       and launch_id not in (select launch_id from units)`,
    )
    .run(before)
  database.prepare('delete from jobs where changed_at < ?').run(before)
  database.prepare('delete from queues where at < ?').run(before)
  database.prepare('delete from runs where coalesce(ended_at, seen_at) < ?').run(before)
}

function bytesUsed(database: Database): number {
  const pragma = (name: string) => Number(database.prepare(`pragma ${name}`).get()?.[name] ?? 0)
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
}

/** Of the older half of those that have one. False: there are none left. */
function dropConsoles(database: Database): boolean {
  const { changes } = database
    .prepare(
      `update units set body = json_remove(body, '$.consoleTail') where rowid in (
         select rowid from units where is_open = 0 and body like '%"consoleTail":%' order by changed_at
         limit (select count(*) / 2 + 1 from units where is_open = 0 and body like '%"consoleTail":%'))`,
    )
    .run()
  return Number(changes) > 0
}

/** The older half of what is closed. False: nothing is. */
function dropOldest(database: Database): boolean {
  const middle = database
    .prepare(
      `select changed_at as at from units where is_open = 0 order by changed_at
       limit 1 offset (select count(*) / 2 from units where is_open = 0)`,
    )
    .get()
  if (!middle) return false
  forget(database, Number(middle.at) + 1)
  return true
}
