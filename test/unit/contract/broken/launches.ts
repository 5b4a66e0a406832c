import { contractError, hasCode } from '@agentctl/contract'
import { sampleLaunchId } from '@agentctl/contract/testing'
import { asInstances, type Broken, catching, collect, freshLaunchId, relisted } from './broken.ts'

export const launches: readonly Broken[] = [
  {
    mistake: 'a new idempotency key for every call',
    rule: 'L1',
    title: 'ten times with one request',
    wrap: provider => ({
      launch: (request, call) => {
        return provider.launch({ ...request, launchId: freshLaunchId() }, call)
      },
    }),
  },
  {
    mistake: 'looks first and creates then, with nothing in between to hold others off',
    rule: 'L1',
    title: 'at the same time',
    sim: { traits: { idempotency: 'tag-lookup' } },
    wrap: provider => ({
      async launch(request, call) {
        const { scope } = request.offering
        const filter = { launchId: request.launchId, kinds: ['instance'] as const }
        const found = await collect(provider.list(scope, filter, call))
        const launchId = freshLaunchId()
        return found.length > 0
          ? { instances: asInstances(found) }
          : provider.launch({ ...request, launchId }, call)
      },
    }),
  },
  {
    mistake: 'remembers launches in its own process only',
    rule: 'L1',
    title: 'from another host',
    wrap: provider => {
      const secret = freshLaunchId()
      return {
        launch: (request, call) =>
          provider.launch({ ...request, launchId: sampleLaunchId(request.launchId + secret) }, call),
      }
    },
  },
  {
    mistake: 'takes a conflict for a repeat',
    rule: 'L2',
    title: 'is a conflict',
    wrap: provider =>
      catching(provider, async (error, { launchId, offering }, call) => {
        if (!hasCode(error, 'conflict')) throw error
        return { instances: asInstances(await collect(provider.list(offering.scope, { launchId }, call))) }
      }),
  },
  {
    mistake: 'tags in a second call, which comes later',
    rule: 'L3',
    title: 'listed at once',
    wrap: provider => {
      let lists = 0
      return relisted(provider, all => {
        lists += 1
        return lists > 1 ? all : []
      })
    },
  },
  {
    mistake: 'drops the job ids from the tags',
    rule: 'L3',
    title: 'listed at once',
    wrap: provider =>
      relisted(provider, all =>
        all.map(found => {
          const units = found.ownership.units.map(({ jobId, ...unit }) => unit)
          return { ...found, ownership: { ...found.ownership, units } }
        }),
      ),
  },
  {
    mistake: 'counts a relative expiry from the epoch',
    rule: 'L3',
    title: 'afterMs counts',
    wrap: provider =>
      relisted(provider, all =>
        all.map(found => ({ ...found, ownership: { ...found.ownership, expiresAt: 5_400_000 } })),
      ),
  },
  {
    mistake: 'does not list what has failed',
    rule: 'L4',
    title: 'leaves nothing',
    wrap: provider =>
      relisted(provider, all => all.filter(({ kind, state }) => kind === 'instance' && state !== 'failed')),
  },
  {
    mistake: 'takes a lost answer for a refusal',
    rule: 'L5',
    title: 'answer was lost',
    wrap: provider =>
      catching(provider, () => {
        throw contractError('unavailable', 'no answer')
      }),
  },
  {
    mistake: 'gives back what has ended',
    rule: 'L6',
    title: 'were terminated',
    sim: { traits: { endedShownMs: 3_600_000 } },
    wrap: provider =>
      catching(provider, async (error, { launchId, offering }, call) => {
        if (!hasCode(error, 'launch-spent')) throw error
        const kinds = ['instance'] as const
        return {
          instances: asInstances(await collect(provider.list(offering.scope, { launchId, kinds }, call))),
        }
      }),
  },
  {
    mistake: 'gives back what is powered off',
    rule: 'L6',
    title: 'powered themselves off',
    wrap: provider =>
      catching(provider, async (error, { launchId, offering }, call) => {
        if (!hasCode(error, 'launch-spent')) throw error
        const kinds = ['instance'] as const
        return {
          instances: asInstances(await collect(provider.list(offering.scope, { launchId, kinds }, call))),
        }
      }),
  },
  {
    mistake: 'answers an instance that is over',
    rule: 'L6',
    title: 'returns when the cloud has accepted',
    wrap: provider => ({
      async launch(request, call) {
        const { instances } = await provider.launch(request, call)
        return { instances: instances.map(instance => ({ ...instance, state: 'terminated' })) }
      },
    }),
  },
  {
    mistake: 'gives every instance of a batch the index 0',
    rule: 'L7',
    title: 'own unit index',
    sim: { traits: { launchBatchMax: 10 } },
    wrap: provider => relisted(provider, all => all.map(found => ({ ...found, unitIndex: 0 }))),
  },
  {
    mistake: 'throws where fewer came than were asked for',
    rule: 'L7',
    title: 'is a shortfall',
    sim: { traits: { launchBatchMax: 10 } },
    wrap: provider => ({
      async launch(request, call) {
        const result = await provider.launch(request, call)
        if (result.shortfall) throw result.shortfall
        return result
      },
    }),
  },
]
