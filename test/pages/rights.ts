import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProviderModule, RightsRequest } from '@agentctl/contract'
import { enclosures } from '../../plugins/local/src/isolation.ts'
import { isolationWords } from '../../plugins/local/src/preflight.ts'
import { errorTable as qemuErrors } from '../../plugins/qemu/src/errors.ts'
import { code, listed, markdownTable } from './table.ts'

/** Something that may be in use, and so needs rights of its own. */
type Use = readonly [string, Partial<RightsRequest>]

export interface Asked {
  /** A spec with what a pool cannot do without. */
  readonly spec: Readonly<Record<string, unknown>>
  readonly uses: readonly Use[]
}

interface Statement {
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}
interface Role {
  readonly Name: string
  readonly Actions: readonly string[]
  readonly DataActions: readonly string[]
}

type Line = readonly string[]
/** A document of rights, right by right. */
const linesOf: Readonly<Record<string, (document: unknown) => readonly Line[]>> = {
  aws: document =>
    (document as { Statement: readonly Statement[] }).Statement.flatMap(
      ({ Action, Resource, Condition = {} }) => {
        const conditions = Object.values(Condition).flatMap(Object.entries)
        const where = listed(conditions.map(([key, value]) => `${key} = ${value}`))
        return Action.flatMap(action => Resource.map(on => [code(action), where, code(on)]))
      },
    ),
  azure: document =>
    (document as readonly Role[]).flatMap(({ Name, Actions, DataActions }) =>
      [...Actions, ...DataActions].map(action => [code(action), code(Name)]),
    ),
  gcp: document =>
    (document as { includedPermissions: readonly string[] }).includedPermissions.map(one => [code(one)]),
}
const heads: Readonly<Record<string, readonly string[]>> = {
  aws: ['in use', 'action', 'only where', 'on'],
  azure: ['in use', 'action', 'in the role'],
  gcp: ['in use', 'permission'],
}

/** What `providers policy` gives for a pool, and what each thing in use adds to that. Pure. */
export function cloudRights(module: ProviderModule, { spec, uses }: Asked): string {
  const { name, rights } = module
  const shown = (request: Partial<RightsRequest>) => {
    const nothing = { owner: 'acme-ci', settings: undefined, secrets: [], tokenBuckets: [] }
    const document = rights?.({ ...nothing, specs: [spec], ...request }).document
    return linesOf[name]?.(document) ?? []
  }
  const known = new Set(shown({}).map(String))
  const added = uses.flatMap(([use, request]) =>
    grouped(shown(request).filter(line => !known.has(String(line)))).map(line => [use, ...line]),
  )
  const own = grouped(shown({})).map(line => ['a pool', ...line])
  return markdownTable(heads[name] ?? [], [...own, ...added])
}

/** One line for all rights that are alike but for their name, and then but for what they are on. */
function grouped(lines: readonly Line[]): readonly Line[] {
  return joined(joined(lines, 0), 2)
}

/** Lines that differ in this cell alone are made one. */
function joined(lines: readonly Line[], at: number): readonly Line[] {
  const groups = Map.groupBy(lines, line => String(line.toSpliced(at, 1)))
  return [...groups.values()].map(group => {
    const cells = [...new Set(group.flatMap(line => line[at] ?? []))]
    const [first = []] = group
    return first[at] === undefined ? first : first.with(at, cells.join(', '))
  })
}

/** Every request to the engine that stands in the source. */
export function dockerRights(folder: string): string {
  const requests = globSync('src/**/*.ts', { cwd: folder })
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .flatMap(text => [...text.matchAll(/method: '([A-Z]+)',\s*path: [`']([^`']+)[`']/g)])
    .map(
      ([, method = '', path = '']) =>
        `${method} ${path.replaceAll(/\$\{(\w+)\}/g, (_, name) => name.toUpperCase())}`,
    )
  return markdownTable(
    ['request to the engine'],
    requests.toSorted().map(request => [code(request)]),
  )
}

export function localRights(): string {
  const rows = enclosures.map(({ name, prefix }) => {
    const { message, fix = '' } = isolationWords[name]
    return [code(name), prefix.length === 0 ? 'nothing' : code(prefix.join(' ')), message, fix]
  })
  return markdownTable(['isolation', 'each guest is started by', 'what that gives', 'otherwise'], rows)
}

export function qemuRights(): string {
  const rows = Object.entries(qemuErrors).filter(([key]) => key.startsWith('no-'))
  return markdownTable(
    ['program', 'without it'],
    rows.map(([key, { why, hint }]) => [
      code(key.slice('no-'.length).replace(/^qemu-(?!img)/, 'qemu-system-')),
      `${why}. ${hint}`,
    ]),
  )
}
