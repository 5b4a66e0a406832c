import assert from 'node:assert/strict'
import type { Call, Provider } from '../../provider.ts'
import type { Instance } from '../../resources.ts'
import type { Check, Need } from '../check.ts'
import type { CheckContext } from '../context.ts'
import * as step from '../steps.ts'

type Verb = 'resolve' | 'preflight' | 'launch' | 'list' | 'terminate' | 'mark' | 'guard' | 'consoleTail'
type Run = (context: CheckContext, provider: Provider, instance: Instance, call: Call) => Promise<unknown>

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

const verbs: Readonly<Record<Verb, Run>> = {
  resolve: ({ spec }, provider, _, call) => provider.resolve(spec, call),
  preflight: ({ spec }, provider, _, call) => provider.preflight(spec, call),
  launch: async (context, provider, _, call) => provider.launch(await context.request(), call),
  list: (_, provider, { scope }, call) => drain(provider.list(scope, {}, call)),
  terminate: async (_, provider, instance, call) => provider.terminate(instance, call),
  mark: async (_, provider, instance, call) => provider.mark?.(instance, { holdUntil: 0 }, call),
  guard: async (_, provider, instance, call) => provider.guard?.(instance, call),
  consoleTail: async (_, provider, instance, call) => provider.consoleTail?.(instance, call),
}

const optional: readonly string[] = ['mark', 'guard', 'consoleTail'] satisfies Verb[]

/** Aborted first: `cancelled`, nothing sent. Aborted on the way: ended within a second, whatever the answer. */
function abortCheck(verb: Verb): Check {
  return {
    rule: 'C1',
    title: `${verb} honours its signal within 1 s`,
    ...(optional.includes(verb) && { needs: [verb as Need] }),
    async run(context) {
      const { instances } = await step.launched(context)
      const [instance] = instances
      assert.ok(instance)
      await step.settle(context)
      const run = (signal: AbortSignal) =>
        verbs[verb](context, context.provider, instance, context.call({ signal }))
      // A launch may say outcome-unknown, where its SDK cannot tell whether the request had left.
      const codes = verb === 'launch' ? (['cancelled', 'outcome-unknown'] as const) : (['cancelled'] as const)
      await step.within(context, 1000, `C1: ${verb}`, step.refusal(run(AbortSignal.abort()), ...codes))
      const shown = await step.listAll(context, { kinds: ['instance'] })
      assert.deepEqual(
        step.idsOf(shown.filter(step.isLive)),
        [instance.id],
        `C1: an aborted ${verb} was sent`,
      )
      const stop = new AbortController()
      const running = run(stop.signal).catch((error: unknown) => step.judge(error, codes))
      stop.abort()
      await step.within(context, 1000, `C1: ${verb}`, running)
    },
  }
}

const pastDeadline: Check = {
  rule: 'C1',
  title: 'a list whose deadline is over does not outlive it',
  async run(context) {
    const call = context.call({ deadlineMs: context.clock.now() - 1 })
    const [scope] = context.scopes
    assert.ok(scope)
    const running = drain(context.provider.list(scope, {}, call)).catch((error: unknown) => step.judge(error))
    await step.within(context, 1000, 'C1: a list past its deadline', running)
  },
}

const throttled: Check = {
  rule: 'C2',
  title: 'a throttled call is rate-limited, and can be made again',
  needs: ['fault:throttleNextCall'],
  async run(context) {
    const request = await context.request()
    await context.target.faults?.throttleNextCall?.()
    const error = await step.refusal(context.provider.launch(request, context.call()), 'rate-limited')
    assert.ok((error.retryAfterMs ?? 0) >= 0, 'C2: retryAfterMs must not be negative')
    await step.launch(context, request)
  },
}

const badCredentials: Check = {
  rule: 'C2',
  title: 'credentials that are not valid are unauthenticated, with what to do',
  needs: ['fault:rejectNextCredentials'],
  async run(context) {
    const [scope] = context.scopes
    assert.ok(scope)
    await context.target.faults?.rejectNextCredentials?.()
    const error = await step.refusal(
      drain(context.provider.list(scope, {}, context.call())),
      'unauthenticated',
      'permission-denied',
    )
    assert.ok(error.hint, 'C2: an error that a person has to solve must say how')
  },
}

export const callChecks: readonly Check[] = [
  ...(Object.keys(verbs) as Verb[]).map(abortCheck),
  pastDeadline,
  throttled,
  badCredentials,
]
