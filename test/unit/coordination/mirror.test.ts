import type { StoredRecord, Tenure } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { openMirror } from '../../../src/coordination/mirror.ts'
import { jobId, launchRecord, t0, unitRecord } from '../fleet/build.ts'

const launch = (launchId: string) => launchRecord({ launchId, pool: 'p', agentType: 's1-x' })
const unit = (launchId: string, index: number, phase: 'online' | 'gone' = 'online') =>
  unitRecord({ launchId, index, phase, jobId: jobId(index), want: jobId(index) })

function stored(launchId: string, ...indexes: readonly number[]): readonly StoredRecord[] {
  const common = { subject: 'pool/p', at: t0, launchId }
  return [
    { ...common, kind: 'launch', key: launchId, isOpen: false, body: JSON.stringify(launch(launchId)) },
    ...indexes.map(index => ({
      ...{ ...common, kind: 'unit' as const, key: `${launchId}.${index}`, isOpen: true },
      ...{ want: jobId(index), body: JSON.stringify(unit(launchId, index)) },
    })),
  ]
}

/** What it is asked for, next to what it has. */
function tenureOf(records: readonly StoredRecord[] = []) {
  const asked: (readonly string[])[] = []
  const tenure: Tenure = {
    work: { name: 'p', subjects: ['pool/p'] },
    load: async () => records.filter(({ isOpen }) => isOpen),
    async recall({ wants, launchIds }) {
      asked.push([...wants, ...launchIds])
      return records.filter(one => launchIds.includes(one.launchId ?? '') || wants.includes(one.want ?? ''))
    },
    commit: async () => 'kept',
    forget: async () => 0,
    grant: async wanted => wanted,
    release: async () => undefined,
  }
  return { tenure, asked }
}

const open = (tenure: Tenure) => openMirror(tenure, { now: () => t0, onEnd: () => undefined })

describe('what a mirror recalls', () => {
  it('is not what was written in it, nor what it was opened with', async () => {
    const { tenure, asked } = tenureOf(stored('old', 1, 2))
    using mirror = await open(tenure)
    expect(asked).toEqual([['old']])
    mirror.save({ launches: [launch('new')], units: [unit('new', 3)] })
    await mirror.commit()
    await mirror.recall([], ['old', 'new'])
    expect(asked).toHaveLength(1)
    await mirror.recall([jobId(4)], ['old', 'new', 'strange'])
    expect(asked[1]).toEqual([jobId(4), 'strange'])
  })

  it('is the rest of a launch that it knows by one of its wants alone', async () => {
    const { tenure, asked } = tenureOf(stored('batch', 1, 2).map(one => ({ ...one, isOpen: false })))
    using mirror = await open(tenure)
    await mirror.recall([jobId(1)], [])
    mirror.save({ launches: [{ ...launch('batch'), runId: 'another' }] })
    await mirror.commit()
    await mirror.recall([], ['batch'])
    expect(asked).toEqual([[jobId(1)], ['batch']])
    expect(mirror.unitsIn('batch')).toHaveLength(2)
  })

  it('is everything once more, after what is old was dropped', async () => {
    const { tenure, asked } = tenureOf()
    using mirror = await open(tenure)
    mirror.save({ launches: [launch('new')], units: [unit('new', 3), unit('new', 4, 'gone')] })
    await mirror.commit()
    mirror.trim(t0 + 1)
    mirror.save({ launches: [{ ...launch('new'), runId: 'another' }] })
    await mirror.commit()
    await mirror.recall([], ['new'])
    expect(asked).toEqual([['new']])
  })
})
