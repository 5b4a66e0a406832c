import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What a benchmark of this folder prints, as a process of its own. @throws where it fails, with its last words */
export async function outputOf(script: string, ...args: readonly string[]): Promise<string> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], { maxBuffer: 1e8 })
  return stdout
}
