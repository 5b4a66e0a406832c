import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** What of this machine the provider looks at, besides the engine's socket. */
export const hostName = hostname
export const isThere = existsSync

/** @throws the system's own errors */
export function readBytes(path: string): Buffer {
  return readFileSync(path)
}
