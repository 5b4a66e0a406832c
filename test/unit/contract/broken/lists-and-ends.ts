import { contractError, hasCode } from '@agentctl/contract'
import { type Broken, collect, relisted } from './broken.ts'

export const lists: readonly Broken[] = [
  {
    mistake: 'reads the first page only',
    rule: 'S1',
    title: 'every instance of several launches',
    wrap: provider => relisted(provider, all => all.slice(0, 2)),
  },
  {
    mistake: 'shows a resource twice',
    rule: 'S1',
    title: 'every instance of several launches',
    wrap: provider => relisted(provider, all => [...all, ...all.slice(0, 1)]),
  },
  {
    mistake: 'does not filter by launch id',
    rule: 'S1',
    title: 'filters by kind and by launch id',
    wrap: provider => ({
      list: (scope, { launchId, ...filter }, call) => provider.list(scope, filter, call),
    }),
  },
  {
    mistake: 'does not filter by owner',
    rule: 'S1',
    title: 'two owners side by side',
    wrap: (_, opened) => ({
      async *list(scope, filter, call) {
        for (const provider of opened) yield* provider.list(scope, filter, call)
      },
    }),
  },
  {
    mistake: 'takes a failed page for the last',
    rule: 'S2',
    title: 'breaks off',
    wrap: provider => ({
      async *list(scope, filter, call) {
        try {
          for await (const found of provider.list(scope, filter, call)) yield found
        } catch {
          // What was read has to do.
        }
      },
    }),
  },
  {
    mistake: 'takes a status that it does not know for the end',
    rule: 'S3',
    title: 'is unknown',
    wrap: provider =>
      relisted(provider, all =>
        all.map(found => (found.state === 'unknown' ? { ...found, state: 'stopped' } : found)),
      ),
  },
]

export const ends: readonly Broken[] = [
  {
    mistake: 'takes absence for an error',
    rule: 'T1',
    title: 'answers gone',
    wrap: provider => ({
      async terminate(ref, call) {
        if ((await provider.terminate(ref, call)) === 'accepted') return 'accepted'
        throw contractError('unavailable', `${ref.id} is not found`)
      },
    }),
  },
  {
    mistake: 'answers accepted for ever',
    rule: 'T2',
    title: 'converges to gone',
    wrap: provider => ({
      async terminate(ref, call) {
        await provider.terminate(ref, call)
        return 'accepted'
      },
    }),
  },
  {
    mistake: 'takes what is not shown yet for gone',
    rule: 'T2',
    title: 'right after launch',
    sim: { traits: { listing: 'eventual', settleMs: 30_000 }, knobs: { lagMs: [10_000, 30_000] } },
    wrap: provider => ({
      async terminate(ref, call) {
        const shown = await collect(provider.list(ref.scope, {}, call))
        return shown.some(({ id }) => id === ref.id) ? provider.terminate(ref, call) : 'gone'
      },
    }),
  },
  {
    mistake: 'terminates by id, whoever the owner is',
    rule: 'T3',
    title: 'another owner',
    wrap: (provider, opened) => ({
      async terminate(ref, call) {
        const answers = await Promise.allSettled([provider, ...opened].map(each => each.terminate(ref, call)))
        return answers.some(({ status }) => status === 'fulfilled') ? 'accepted' : 'gone'
      },
    }),
  },
  {
    mistake: 'answers gone for what nobody owns',
    rule: 'T3',
    title: 'carries no owner',
    wrap: provider => ({
      terminate: (ref, call) =>
        provider.terminate(ref, call).catch((error: unknown) => {
          if (hasCode(error, 'not-owned')) return 'gone'
          throw error
        }),
    }),
  },
  {
    mistake: 'answers gone when the end is only asked for',
    rule: 'T4',
    title: 'nothing of the launch remains',
    wrap: provider => ({
      async terminate(ref, call) {
        await provider.terminate(ref, call)
        return 'gone'
      },
    }),
  },
  {
    mistake: 'hides what has powered itself off',
    rule: 'T4',
    title: 'power-off leaves',
    wrap: provider => relisted(provider, all => all.filter(({ state }) => state !== 'stopped')),
  },
]
