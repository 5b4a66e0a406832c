import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { pid } from 'node:process'

/** Changes when the file does; empty while there is none. */
export function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.ino}:${found.size}:${found.mtimeMs}` : ''
}

/** Empty while there is none. */
export function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** In one step, so that whoever reads it sees the old text or the new one. */
export function replaceFile(path: string, text: string): void {
  const draft = `${path}.${pid}.new`
  writeFileSync(draft, text, { mode: 0o644 })
  renameSync(draft, path)
}
