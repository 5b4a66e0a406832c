import { statSync } from 'node:fs'

/** Changes when the file does; empty while there is none. */
export function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.ino}:${found.size}:${found.mtimeMs}` : ''
}
