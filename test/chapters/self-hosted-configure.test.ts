import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Moto, missingMoto, startMoto } from '../clouds/aws/moto.ts'
import { sharedEngine } from '../docker/engine.ts'
import type { Round } from '../support/round.ts'
import { cache, restarted } from './cache.ts'
import { clouds } from './clouds.ts'
import { disconnection } from './disconnection.ts'
import { docker } from './docker.ts'
import { overview } from './overview.ts'
import { newDesk } from './rounds.ts'
import { seeAlso } from './see-also.ts'
import { isPerformed, rows } from './table.ts'

const engine = await sharedEngine()
let cloud: Moto
/** Of its own, for it looks at keys and policies in between. */
let store: Moto
let desk: Round
beforeAll(async () => {
  if (missingMoto() !== undefined) return
  ;[cloud, store] = await Promise.all([startMoto(), startMoto()])
  desk = await newDesk({}, store.env)
}, 90_000)
afterAll(async () => {
  await desk?.[Symbol.asyncDispose]()
  await Promise.all([cloud, store].map(moto => moto?.[Symbol.asyncDispose]()))
})

// Clouds take their time, in which nothing else has to wait.
describe.concurrent('the page "Configure Agents", on clouds', () => clouds(() => cloud))

describe.concurrent('the page "Configure Agents"', () => {
  describe('on one machine', { concurrent: false }, () => {
    overview()
    disconnection()
    docker(engine)
    cache(
      () => store,
      () => desk,
    )
    restarted()
    seeAlso()
  })
})

/** Headings of the page, and those of them that only lead to the next one. */
const headings = [
  'Overview',
  'Agent disconnection',
  'Job isolation',
  'Isolation with Docker',
  'Isolation with cloud instances',
  'How to set up caching',
  'Create AWS resources',
  'Configure the agent',
  'See also',
]

describe('docs/the-document.md', () => {
  it('has rows for every heading, and no others', () => {
    expect([...new Set(rows.map(({ chapter }) => chapter))].toSorted()).toEqual(headings.toSorted())
  })

  // Where the clouds' API descriptions lie, the page may lie beside them.
  const specs = process.env.AGENTCTL_SPECS ?? fileURLToPath(new URL('../../../shared/specs', import.meta.url))
  const document = join(specs, '../seed/self-hosted-configure.md')
  const isThere = existsSync(document)
  it.skipIf(!isThere)(
    `knows the headings of the page${isThere ? '' : ' (it is not beside AGENTCTL_SPECS)'}`,
    () => {
      const found = [...readFileSync(document, 'utf8').matchAll(/^#{2,} (.+?)(?: \{#.*\})?$/gm)]
      expect(found.map(([, heading]) => heading)).toEqual(headings)
    },
  )

  it('has every command run', () => {
    const left = rows.filter(row => !isPerformed(row)).map(({ chapter, step }) => `${chapter}: ${step}`)
    expect(left).toEqual([])
  })
})
