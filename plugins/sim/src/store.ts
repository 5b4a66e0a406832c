import { mkdirSync, readFileSync, renameSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Clock, contractError } from '@agentctl/contract'
import { emptyState, type SimState } from './state.ts'

const LOCK_POLL_MS = 20
const LOCK_STALE_MS = 10_000

/** The state of a cloud in a file, which one process at a time reads and writes. */
export interface Store {
  read(): SimState
  write(state: SimState): void
  /** Runs `change` while no other process does. */
  locked<T>(change: () => T): Promise<T>
}

/** Holds what `SimState` has, with its maps as lists; readable by its user alone. */
export function openStore(path: string, clock: Clock): Store {
  const lock = `${path}.lock`
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return {
    read: () => parse(path),
    write(state) {
      const { sequence, records, tokens, consoles, agenda } = state
      const text = { sequence, records: [...records], tokens: [...tokens], consoles: [...consoles], agenda }
      writeFileSync(`${path}.new`, JSON.stringify(text), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
    async locked(change) {
      while (!take(lock, clock)) await clock.sleep(LOCK_POLL_MS)
      try {
        return change()
      } finally {
        rmdirSync(lock)
      }
    },
  }
}

function parse(path: string): SimState {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return emptyState()
  }
  try {
    const { sequence, records, tokens, consoles, agenda } = JSON.parse(text)
    return {
      sequence,
      records: new Map(records),
      tokens: new Map(tokens),
      consoles: new Map(consoles),
      agenda,
    }
  } catch (cause) {
    throw contractError('internal', `sim: the state file ${path} cannot be read`, {
      cause,
      hint: `remove ${path}; its simulated machines are forgotten with it`,
    })
  }
}

/** A directory is made by one process alone. A lock that was left by a process that died is taken over. */
function take(lock: string, clock: Clock): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const heldSince = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (clock.now() - heldSince < LOCK_STALE_MS) return false
    try {
      rmdirSync(lock)
    } catch {
      // Another process was quicker.
    }
    return false
  }
}
