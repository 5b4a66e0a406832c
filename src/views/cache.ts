import type { CacheResult, ShownCache } from '../operations/cache.ts'
import type { CachePools } from '../operations/cache-pools.ts'
import { table } from './table.ts'

/** What was seen to; the settings are printed apart, for they are a file's. */
export function cacheCreatedLines({ bucket, region, steps, key }: CacheResult): readonly string[] {
  return [
    `Cache ${bucket}${region === '' ? '' : ` in ${region}`}`,
    '',
    ...table(
      ['WHAT', 'OUTCOME', ''],
      steps.map(({ subject, outcome, detail }) => [subject, outcome, detail ?? '']),
    ),
    ...(key ? ['', `The access key ${key.id} is in ${key.file}, and nowhere else.`] : []),
  ]
}

export function cacheShownLines({ bucket, region, facts }: ShownCache): readonly string[] {
  return [
    `Cache ${bucket}${region === '' ? '' : ` in ${region}`}`,
    '',
    ...table(
      ['WHAT', 'IS', ''],
      facts.map(({ subject, isRight, detail }) => [subject, isRight ? 'right' : 'wrong', detail]),
    ),
  ]
}

/** A piece of agentctl.yml. */
export async function cacheConfigLines(config: CachePools): Promise<readonly string[]> {
  const { stringify } = await import('yaml')
  return ['', 'For agentctl.yml:', '', ...stringify(config, { lineWidth: 0 }).trimEnd().split('\n')]
}
