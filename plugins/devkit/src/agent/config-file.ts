import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { parseFlatYaml } from './flat-yaml.ts'
import { fatal, good, type Outcome } from './outcome.ts'

/** What viper can read, by the end of the name; this agent reads the first three. */
const readable = new Set(['yaml', 'yml', 'json'])
const known = new Set([
  ...readable,
  'toml',
  'properties',
  'props',
  'prop',
  'hcl',
  'tfvars',
  'dotenv',
  'env',
  'ini',
])

/**
 * Reads the file once, from start to end, so that it may be a FIFO. The end of its name decides the format, and a name
 * without one is refused before anything is opened.
 * Source: spf13/viper v1.17.0 ReadInConfig; semaphoreci/agent main.go loadConfigFile, 2026-02.
 */
export async function readConfigFile(path: string): Promise<Outcome<ReadonlyMap<string, unknown>>> {
  const refuse = (why: string) => fatal(`Error reading config file ${path}: ${why}`)
  const kind = extname(path).slice(1)
  if (!known.has(kind)) return refuse(`Unsupported Config Type "${kind}"`)
  if (!readable.has(kind)) return refuse(`the stand-in agent reads YAML and JSON only, not ${kind}`)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return refuse(`open ${path}: ${reasonOf(error)}`)
  }
  return parseConfig(text, refuse)
}

async function parseConfig(
  text: string,
  refuse: (why: string) => ReturnType<typeof fatal>,
): Promise<Outcome<ReadonlyMap<string, unknown>>> {
  const simple = parseFlatYaml(text)
  if (simple !== undefined) return good(simple)
  const { parse } = await import('yaml')
  try {
    const content: unknown = parse(text) ?? {}
    if (typeof content !== 'object' || Array.isArray(content))
      return refuse('While parsing config: yaml: unmarshal errors: not a map')
    return good(new Map(flatten(content as Record<string, unknown>, '')))
  } catch (error) {
    return refuse(`While parsing config: yaml: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function flatten(content: Record<string, unknown>, prefix: string): [string, unknown][] {
  return Object.entries(content).flatMap(([name, value]) => {
    const key = `${prefix}${name.toLowerCase()}`
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flatten(value as Record<string, unknown>, `${key}.`)
      : [[key, value] satisfies [string, unknown]]
  })
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'no such file or directory'
  if (code === 'EACCES') return 'permission denied'
  return code === 'EISDIR' ? 'is a directory' : message
}
