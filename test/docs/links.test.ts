import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import aws from '@agentctl/provider-aws'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { isUserSetting } from '../../src/agent/index.ts'
import { systemClock } from '../../src/effects/clock.ts'
import { textLog } from '../../src/effects/log.ts'
import { blocksOf } from './blocks.ts'
import { documented } from './generated/settings.ts'
import { pages, top } from './pages.ts'

const read = (path: string) => readFileSync(path, 'utf8')

/** As a forge makes it of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (path: string) =>
  new Set([...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading)))

function broken(path: string): readonly string[] {
  return [...read(path).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^https?:/.test(target))
    .filter(target => {
      const [file = '', anchor] = target.split('#')
      const to = file === '' ? path : join(dirname(path), file)
      return !existsSync(to) || (anchor !== undefined && !anchorsOf(to).has(anchor))
    })
}

describe('links', () => {
  const others = globSync(['README.md', 'plugins/*/README.md', 'docs/decisions/*.md'], { cwd: top })
  it.each([...pages.map(({ file }) => file), ...others].sort())('of %s lead somewhere', file => {
    expect(broken(join(top, file))).toEqual([])
  })

  it('of the index lead to every page', () => {
    const index = read(join(top, 'docs/README.md'))
    const listed = pages.map(({ file }) => relative('docs', file)).filter(file => file !== 'README.md')
    expect(listed.filter(file => !index.includes(`(${file})`))).toEqual([])
  })
})

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
}

/** Keys below `spec:`, as the provider's schema has them. */
function keysIn({ properties = {} }: Schema, prefix: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => [
    `${prefix}${name}`,
    ...keysIn(schema, `${prefix}${name}.`),
  ])
}

const isPool = 'pools.NAME.'
const known = documented.map(({ key }) => key)

function isKnown(key: string): boolean {
  const [, setting] = /^pools\.NAME\.agent\.(.+)$/.exec(key) ?? []
  return known.includes(key) || (setting !== undefined && isUserSetting(setting))
}

describe('docs/moving-from-the-aws-stack.md', () => {
  const text = read(join(top, 'docs/moving-from-the-aws-stack.md'))
  const rows = [...text.matchAll(/^\| (`SEMAPHORE_.+?`) \|(.*?)\|.*\|$/gm)]
  const named = rows.flatMap(([, , here = '']) => [...here.matchAll(/`(.+?)`/g)].map(found => found[1] ?? ''))

  it('names keys of the configuration alone', async () => {
    const log = textLog(() => undefined, false)
    const deps = { owner: 'a', settings: {}, env: {}, clock: systemClock, random: { next: () => 0.5 }, log }
    const provider = await aws.open(deps)
    const specKeys = keysIn(provider.specSchema as Schema, `${isPool}spec.`)
    await provider.close()
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(key => !isKnown(key) && !specKeys.includes(key))).toEqual([])
  })

  it('has each parameter once', () => {
    const parameters = rows.flatMap(([, cell = '']) => cell.match(/SEMAPHORE_\w+/g) ?? [])
    expect(parameters).toHaveLength(new Set(parameters).size)
    expect(parameters).toHaveLength(48)
  })
})

describe('pieces of agentctl.yml', () => {
  const pieces = pages.flatMap(({ file, path }) =>
    blocksOf(read(path))
      .filter(({ info }) => info.startsWith('yaml'))
      .map(({ text }) => ({ file, text })),
  )

  it.each(pieces)('of $file have keys of the configuration', ({ text }) => {
    expect(keysOf(parse(text), '').filter(key => !isKnown(key))).toEqual([])
  })
})

/** Keys of a piece, with NAME for the names of types and pools; what is the provider's or a person's own is passed over. */
function keysOf(value: unknown, key: string): readonly string[] {
  const isOpen = /^pools\.NAME\.(spec|secret-env-vars)$|^prices\.pools\.NAME\.offerings$|^providers$/
  if (isOpen.test(key)) return [key]
  if (Array.isArray(value)) {
    const isMapping = value.some(item => item instanceof Object)
    return isMapping ? value.flatMap(item => keysOf(item, `${key}[]`)) : [key]
  }
  if (!(value instanceof Object)) return [key]
  const isNamed = ['pools', 'agent-types', 'prices.pools'].includes(key)
  return Object.entries(value).flatMap(([name, inner]) => {
    const part = isNamed ? 'NAME' : name
    return keysOf(inner, key === '' ? part : `${key}.${part}`)
  })
}
