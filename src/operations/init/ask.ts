import { dirname } from 'node:path'
import { isHost } from '../../agent/index.ts'
import { defaults } from '../../config/defaults.ts'
import { typeNamePattern, typeNameRule } from '../../config/names.ts'
import { literalRefusal, parseSecretRef } from '../../config/secrets.ts'
import { didYouMean } from '../../errors/index.ts'
import { firstStepsOrNone } from '../../providers/first-steps.ts'
import { providersIn } from '../../providers/registry.ts'
import type { Context } from '../context.ts'
import type { Answers } from './answers.ts'
import { seenAgentTypes, seenProvider, seenVariable, tokenFileFor } from './see.ts'

export interface InitRequest {
  /** Absolute. */
  readonly file: string
  /** A file that is there may be written over. */
  readonly isForced: boolean
  readonly noHttps: boolean
  /** What flags answer, by the name of the flag. */
  readonly given: Readonly<Partial<Record<InitFlag, string>>>
  /** `KEY=VALUE` for the spec. */
  readonly set: readonly string[]
  /** For the commands that come next, such as ` --config ci/agentctl.yml`. */
  readonly suffix: string
}

export type InitFlag =
  | 'endpoint'
  | 'provider'
  | 'region'
  | 'agent-type'
  | 'token'
  | 'api-token'
  | 'owner'
  | 'pool'

/** Whose organization, which agent type, and where its token is. */
export async function askWho(context: Context, { file, given, noHttps }: InitRequest, answers: Answers) {
  const { env } = context.effects
  const isRef = (text: string) => (parseSecretRef(text) ? undefined : literalRefusal)
  const endpoint = await answers.answer({
    flag: '--endpoint',
    words: 'Host of the Semaphore organization, such as acme.semaphoreci.com:',
    given: given.endpoint,
    proposal: seenVariable(context, ['SEMAPHORE_AGENT_ENDPOINT']),
    check: text => (isHost(text) ? undefined : 'must be a host or host:port, without https://'),
  })
  const apiToken = given['api-token'] ?? (env.SEMAPHORE_API_TOKEN ? defaults.apiToken : undefined)
  const apiRef = apiToken === undefined ? undefined : parseSecretRef(apiToken)
  const known =
    endpoint === undefined ? undefined : await seenAgentTypes(context, { endpoint, noHttps }, apiRef)
  const only = known?.length === 1 ? known[0] : undefined
  const name = await answers.answer({
    flag: '--agent-type',
    words: `Agent type, s1-…${known && known.length > 1 ? ` (there are ${known.join(', ')})` : ''}:`,
    given: given['agent-type'],
    proposal: only === undefined ? undefined : { value: only, from: 'it is the only one' },
    check: text => (typeNamePattern.test(text) ? undefined : typeNameRule),
    // Only a reference of its own needs a name to stand under.
    isOptional: given.token === undefined || given.token === defaults.token,
  })
  const isNew = name !== undefined && known !== undefined && !known.includes(name)
  const token = await answers.answer({
    flag: '--token',
    words: 'Where its registration token is, a reference such as env:NAME or file:PATH:',
    given: given.token,
    proposal:
      isNew && !env.SEMAPHORE_AGENT_TOKEN
        ? { value: tokenFileFor(dirname(file), name), from: 'the type is still to be made' }
        : { value: defaults.token, from: env.SEMAPHORE_AGENT_TOKEN ? 'it is set' : 'the usual variable' },
    check: isRef,
  })
  if (apiToken !== undefined && !apiRef)
    await answers.answer({ flag: '--api-token', words: '', given: apiToken, check: isRef })
  return {
    next: isNew ? [`agentctl agent-type create ${name}`] : [],
    config: {
      endpoint: endpoint ?? '',
      ...(apiToken !== undefined && { apiToken }),
      ...(name !== undefined && { agentType: { name, token: token ?? defaults.token } }),
    },
  }
}

export interface Where {
  readonly provider: string
  readonly place?: { readonly key: string; readonly value: string }
}

/** In which cloud, and in which region of it where it has some. */
export async function askWhere(
  context: Context,
  { given, set }: InitRequest,
  answers: Answers,
): Promise<Where> {
  const { plugins } = context
  const names = providersIn(plugins).map(({ provider }) => provider)
  const provider = await answers.answer({
    flag: '--provider',
    words: `Provider (${names.join(', ')}):`,
    given: given.provider,
    proposal: await seenProvider(context),
    check: text =>
      names.includes(text)
        ? undefined
        : `is not installed${didYouMean(text, names)}; agentctl providers list says how`,
  })
  if (provider === undefined) return { provider: '' }
  const { place } = firstStepsOrNone(plugins, provider)
  if (!place || set.some(item => item.startsWith(`${place.key}=`))) return { provider }
  const value = await answers.answer({
    flag: '--region',
    words: `The ${place.key} of its machines:`,
    given: given.region,
    proposal: seenVariable(context, place.variables),
    check: text => (/^[a-z0-9-]+$/.test(text) ? undefined : 'is no name of one'),
  })
  return value === undefined ? { provider } : { provider, place: { key: place.key, value } }
}
