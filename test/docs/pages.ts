import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const top = fileURLToPath(new URL('../..', import.meta.url))

/** The pages of docs/, without the records of decisions. */
export const pages = globSync(['docs/*.md', 'docs/providers/*.md'], { cwd: top })
  .sort()
  .map(file => ({ file, path: join(top, file) }))
