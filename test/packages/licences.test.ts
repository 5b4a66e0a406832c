import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { licenceOf } from './licences.ts'
import { broughtAlong, type Lock } from './lock-tree.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => JSON.parse(readFileSync(`${root}/${file}`, 'utf8'))
const lock: Lock = read('package-lock.json').packages

const allowed = /^(MIT|Apache-2\.0|BSD-[23]-Clause|ISC|0BSD|BlueOak-1\.0\.0)$/
/** What is looked at one by one, with the reason. */
const others: Readonly<Record<string, string>> = {
  // A program of its own, which `plugins install` runs; nothing of it is linked to.
  'node_modules/npm': 'Artistic-2.0',
  // Lists of that npm's.
  'node_modules/npm/node_modules/spdx-exceptions': 'CC-BY-3.0',
  'node_modules/npm/node_modules/spdx-license-ids': 'CC0-1.0',
  // Given to the public domain; of the SSH that docker-modem can speak.
  'node_modules/tweetnacl': 'Unlicense',
  // Types; the choice is ours.
  'node_modules/type-fest': '(MIT OR CC0-1.0)',
  'node_modules/serialize-error/node_modules/type-fest': '(MIT OR CC0-1.0)',
}

describe('licences', () => {
  const packages = ['', ...globSync('plugins/*', { cwd: root }).sort()].map(folder => ({
    folder,
    name: read(`${folder}/package.json`).name as string,
  }))

  it.each(packages)('all that $name brings along may be shipped with it', ({ folder }) => {
    const places = broughtAlong(lock, folder).filter(place => place.startsWith('node_modules/'))
    const found = places.map(place => [place, licenceOf(lock, place)] as const)
    expect(found.filter(([place, name]) => !allowed.test(name) && others[place] !== name)).toEqual([])
  })

  it('each package that is looked at by itself is still brought along', () => {
    const all = packages.flatMap(({ folder }) => broughtAlong(lock, folder))
    expect(Object.keys(others).filter(place => !all.includes(place))).toEqual([])
  })

  it('what is brought along is found as Node finds it: from inside outward, with the peers that are needed', () => {
    const small: Lock = {
      '': { dependencies: { a: '1', own: '1' } },
      'node_modules/own': { link: true, resolved: 'plugins/own' },
      'plugins/own': { dependencies: { b: '1' } },
      'node_modules/a': { dependencies: { b: '2' } },
      'node_modules/a/node_modules/b': {},
      'node_modules/b': {
        peerDependencies: { p: '1', q: '1' },
        peerDependenciesMeta: { q: { optional: true } },
      },
      'node_modules/p': {},
      'node_modules/q': {},
      'node_modules/unused': {},
    }
    expect(broughtAlong(small, '')).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/b',
      'node_modules/p',
      'plugins/own',
    ])
    expect(broughtAlong(small, 'plugins/own')).toEqual(['node_modules/b', 'node_modules/p'])
  })
})
