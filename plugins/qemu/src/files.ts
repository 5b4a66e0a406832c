import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { access, chmod, constants, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ownPid } from './effects.ts'

/** Small files are read and written at once, whole or not at all; whatever may be large goes through promises. */

export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : undefined
}

export function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** The file's JSON, or undefined where there is no such file or it is damaged. @throws whatever else goes wrong */
export function readRecord<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Readers see the old record or the new one, never a part. */
export function replaceRecord(path: string, record: unknown): void {
  const draft = `${path}.${ownPid}`
  try {
    writeFileSync(draft, JSON.stringify(record), { mode: 0o600 })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Makes a complete file where there is none; false when there is one. Of many that try at once, one succeeds. */
export function takePlace(path: string, record: unknown): boolean {
  const draft = `${path}.${ownPid}`
  try {
    writeFileSync(draft, JSON.stringify(record), { mode: 0o600 })
    linkSync(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The names in a folder; none when there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Removes a tree, also one whose folders are read-only, as those of a Go module cache are. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(code)) throw error
    await openFolders(path)
    await rm(path, { recursive: true, force: true })
  }
}

async function openFolders(folder: string): Promise<void> {
  // What is not ours stays closed; the removal that follows then says which.
  await chmod(folder, 0o700).catch(() => undefined)
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await openFolders(join(folder, entry.name))
}

/** Where in PATH a program is; undefined where it is not. */
export async function programPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(':').filter(Boolean)) {
    const file = join(folder, name)
    if (await isAllowed(file, constants.X_OK)) return file
  }
  return undefined
}

/** `mode` is of `fs.constants`, such as `W_OK`. */
export function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  )
}
