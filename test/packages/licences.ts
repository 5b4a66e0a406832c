import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Lock } from './lock-tree.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))

/** The licence of an installed package, as SPDX names it. Packages of before 2014 have a list, with words for names. */
export function licenceOf(lock: Lock, place: string): string {
  const manifest = JSON.parse(readFileSync(`${top}/${place}/package.json`, 'utf8'))
  const { license = lock[place]?.license, licenses = [] } = manifest
  const [first] = licenses
  const name = String(license ?? first?.type)
  return name === 'Apache 2.0' ? 'Apache-2.0' : name
}
