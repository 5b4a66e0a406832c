import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The name that the template's provider has. */
const templateName = 'nimbus'
/** Files that would mean something where they lie; what they are called in the plugin. */
const renamed: Readonly<Record<string, string>> = { 'package.template.json': 'package.json' }

export interface Written {
  readonly folder: string
  /** Relative to the folder. */
  readonly files: readonly string[]
}

export type WriteOutcome =
  | ({ readonly ok: true } & Written)
  | { readonly ok: false; readonly message: string; readonly hint: string }

/** Copies the template into a folder that is new or empty, under the provider's name. Nothing is overwritten. */
export function writeProvider(template: string, folder: string, name: string): WriteOutcome {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    const message = `${name} cannot be the name of a provider: a letter, then at most 30 letters, digits and dashes, all lower-case.`
    return { ok: false, message, hint: 'a name such as my-cloud' }
  }
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)) {
    return { ok: false, message: `${folder} is not an empty folder.`, hint: '--folder with another path' }
  }
  const sources = globSync('**/*.{ts,json,md}', {
    cwd: template,
    exclude: ['**/node_modules', '**/dist'],
  }).sort()
  for (const source of sources) {
    const target = join(folder, nameOf(source))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, readFileSync(join(template, source), 'utf8').replaceAll(templateName, name))
  }
  writeFileSync(join(folder, '.gitignore'), 'node_modules\ndist\n')
  return { ok: true, folder, files: [...sources.map(nameOf), '.gitignore'] }
}

function nameOf(source: string): string {
  return renamed[source] ?? source
}
