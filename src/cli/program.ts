import { realpathSync } from 'node:fs'
import process from 'node:process'

/** How this program was started, for others to start it with no PATH to rely on. */
export function programOf(): readonly string[] {
  const [node = '', script = ''] = process.argv
  return [node, realpathSync(script)]
}
