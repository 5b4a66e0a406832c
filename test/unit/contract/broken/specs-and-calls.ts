import { type Call, contractError, hasCode, type LaunchRequest, type Provider } from '@agentctl/contract'
import { sampleLaunchId } from '@agentctl/contract/testing'
import { type Broken, catching, collect } from './broken.ts'

export const specs: readonly Broken[] = [
  {
    mistake: 'drops unknown keys in silence',
    rule: 'P1',
    title: 'unknown keys',
    wrap: provider => ({
      parseSpec(raw) {
        const { region, zones, types, market } = raw as Record<string, unknown>
        return provider.parseSpec({ region, zones, types, market })
      },
    }),
  },
  {
    mistake: 'stops at the first problem',
    rule: 'P1',
    title: 'every problem',
    wrap: provider => ({
      parseSpec(raw) {
        try {
          return provider.parseSpec(raw)
        } catch (error) {
          if (!hasCode(error, 'invalid-spec')) throw error
          throw contractError('invalid-spec', error.message, { problems: error.problems?.slice(0, 1) ?? [] })
        }
      },
    }),
  },
  {
    mistake: 'writes its defaults into the raw spec',
    rule: 'P1',
    title: 'do not change',
    wrap: provider => ({
      parseSpec: raw => provider.parseSpec(Object.assign(raw as object, { account: 'sim' })),
    }),
  },
  {
    mistake: 'makes something to see whether it can',
    rule: 'P2',
    title: 'make nothing',
    wrap: provider => ({
      async preflight(spec, call) {
        const resolved = await provider.resolve(spec, call)
        const [offering] = resolved.offerings
        if (offering) await provider.launch(probe(offering, resolved), call)
        return []
      },
    }),
  },
  {
    mistake: 'declares a console that it does not have',
    rule: 'capabilities',
    title: 'sane',
    sim: { traits: { console: 'none' } },
    wrap: provider => ({ capabilities: { ...provider.capabilities, console: 'live' } }),
  },
  {
    mistake: 'declares a listing that settles in no time',
    rule: 'capabilities',
    title: 'sane',
    wrap: provider => ({ capabilities: { ...provider.capabilities, listing: 'eventual', settleMs: 0 } }),
  },
]

function probe(offering: LaunchRequest['offering'], resolved: LaunchRequest['resolved']): LaunchRequest {
  const launchId = sampleLaunchId('probe')
  const units = [{ index: 0, name: 'probe-machine', attempt: 1 }]
  const userData = new Uint8Array()
  const rest = { digest: '00', pool: 'probe', agentType: 's1-probe', expiry: { at: 4_000_000_000_000 } }
  return { ...rest, launchId, offering, resolved, units, userData }
}

const deaf = (call: Call): Call => ({ ...call, signal: new AbortController().signal })
const endless = (call: Call): Call => ({ ...call, deadlineMs: call.deadlineMs + 3_600_000 })

export const calls: readonly Broken[] = [
  {
    mistake: 'does not look at the signal of a launch',
    rule: 'C1',
    title: 'hung launch ends within 1 s of its signal',
    wrap: provider => ({ launch: (request, call) => provider.launch(request, deaf(call)) }),
  },
  {
    mistake: 'does not look at the deadline of a launch',
    rule: 'C1',
    title: 'hung launch ends at its deadline',
    wrap: provider => ({ launch: (request, call) => provider.launch(request, endless(call)) }),
  },
  ...(['resolve', 'preflight', 'terminate', 'mark', 'guard', 'consoleTail', 'list'] as const).map(verb => ({
    mistake: `does not look at the signal of ${verb}`,
    rule: 'C1' as const,
    title: `${verb} honours its signal`,
    wrap: (provider: Provider) => ({
      [verb]: (...args: unknown[]) => {
        const call = args.pop() as Call
        return (provider[verb] as (...all: unknown[]) => unknown)(...args, deaf(call))
      },
    }),
  })),
  {
    mistake: 'throws what the SDK threw',
    rule: 'C2',
    title: 'throttled call is rate-limited',
    wrap: provider =>
      catching(provider, () => {
        throw new Error('ThrottlingException')
      }),
  },
  {
    mistake: 'takes wrong credentials for a bad minute',
    rule: 'C2',
    title: 'credentials that are not valid',
    wrap: provider => ({
      async *list(scope, filter, call) {
        const all = await collect(provider.list(scope, filter, call)).catch(() => {
          throw contractError('unavailable', 'no list')
        })
        yield* all
      },
    }),
  },
  {
    mistake: 'puts the request into the error',
    rule: 'L2',
    title: 'is a conflict',
    wrap: provider => ({
      // The sample for this guest is not compressed.
      resolve: async (spec, call) => ({ ...(await provider.resolve(spec, call)), guest: 'process' }),
      ...catching(provider, (_, { userData }) => {
        throw contractError('conflict', 'refused', { fault: new TextDecoder().decode(userData) })
      }),
    }),
  },
]

export const guests: readonly Broken[] = [
  {
    mistake: 'takes user data for text',
    rule: 'U1',
    title: 'byte for byte',
    wrap: provider => ({
      launch: (request, call) => {
        const userData = new TextEncoder().encode(new TextDecoder().decode(request.userData))
        return provider.launch({ ...request, userData }, call)
      },
    }),
  },
  {
    mistake: 'cuts user data to what fits',
    rule: 'U1',
    title: 'over the limit',
    wrap: provider => ({
      launch: (request, call) => {
        const userData = request.userData.subarray(0, provider.capabilities.userDataBytesMax)
        return provider.launch({ ...request, userData }, call)
      },
    }),
  },
  {
    mistake: 'counts the limit after base64',
    rule: 'U1',
    title: 'just the limit',
    wrap: provider => ({
      launch: (request, call) => {
        const isOver = request.userData.length * 1.34 > provider.capabilities.userDataBytesMax
        if (isOver) throw contractError('invalid-spec', 'too long')
        return provider.launch(request, call)
      },
    }),
  },
  {
    mistake: 'gives a way in of two lines',
    rule: 'connect',
    title: 'the way in',
    wrap: () => ({ connect: ({ id }) => ({ command: ['ssh', `${id}\nexit`] }) }),
  },
  {
    mistake: 'gives the whole console',
    rule: 'consoleTail',
    title: 'at most 64 KiB',
    wrap: () => ({ consoleTail: async () => 'x'.repeat(65_537) }),
  },
  {
    mistake: 'marks the hold and forgets the expiry',
    rule: 'mark',
    title: 'can be changed',
    wrap: provider => ({
      mark: async (ref, { holdUntil = 0 }, call) => provider.mark?.(ref, { holdUntil }, call),
    }),
  },
  {
    mistake: 'says nothing where it marks what is not its own',
    rule: 'mark',
    title: 'another owner',
    wrap: provider => ({
      mark: async (ref, change, call) => provider.mark?.(ref, change, call).catch(() => {}),
    }),
  },
  {
    mistake: 'guards by ending the instance',
    rule: 'guard',
    title: 'leaves the instance alive',
    wrap: provider => ({ guard: async (ref, call) => void (await provider.terminate(ref, call)) }),
  },
]
