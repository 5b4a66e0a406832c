import { contractError, isContractError } from '@agentctl/contract'
import { literalRefusal, parseSecretRef } from '../config/secrets.ts'
import type { SecretRef } from '../config/types.ts'
import type { AgentTypeFacts, AgentTypeSettings, AgentTypes } from '../demand/agent-types.ts'
import { checkAgentType, listOf, type TokenStanding, tokenStanding, typesOf } from './agent-types.ts'
import type { Context } from './context.ts'
import { isStorable, openTokenPlace } from './token-place.ts'

export interface AgentTypeWish {
  readonly name: string
  readonly settings: AgentTypeSettings
  /** Reference to where its token is to be kept; else what the configuration says of the type. */
  readonly token?: string
  /** The token may be printed. */
  readonly isShown: boolean
}

export type CreatedAgentType =
  | {
      readonly outcome: 'made'
      readonly name: string
      /** Null where nothing could be written to it. */
      readonly storedAs: string | null
      /** Only where it was asked for. */
      readonly registrationToken?: string
      readonly isConfigured: boolean
    }
  | {
      /** It was there before: as it is wanted, or not. */
      readonly outcome: 'unchanged' | 'differs'
      readonly name: string
      readonly differences: readonly Difference[]
      readonly token: TokenStanding
    }

export interface Difference {
  readonly setting: string
  readonly is: string
  readonly wanted: string
}

/**
 * Makes an agent type and keeps its registration token, which the hub tells once. One that is there is left as it is
 * and compared. Where the token cannot be kept after all, the new type is taken back.
 * @throws `invalid-spec` before anything is made where the token could not be kept, `outcome-unknown`, …
 */
export async function createAgentType(context: Context, wish: AgentTypeWish): Promise<CreatedAgentType> {
  const { name, settings } = wish
  checkAgentType(name, settings)
  const ref = placeOf(context, wish)
  const types = await typesOf(context)
  const found = (await listOf(context, types)).find(type => type.name === name)
  if (found) return compared(context, found, settings)
  const isStored = isStorable(ref)
  // What could not be kept is not made, unless it is to be shown.
  await using place = isStored || !wish.isShown ? await openTokenPlace(context, ref) : undefined
  const token = await types.create(name, settings)
  if (place) await kept(types, name, ref, () => place.store(token))
  return {
    outcome: 'made',
    name,
    storedAs: place ? ref.text : null,
    ...(wish.isShown && { registrationToken: token }),
    isConfigured: context.settings.agentTypes[name]?.token.text === ref.text,
  }
}

/** @throws `invalid-spec` for what is no reference, or where the token of another type is */
function placeOf({ settings }: Context, { name, token }: AgentTypeWish): SecretRef {
  const given = token === undefined ? settings.agentTypes[name]?.token : parseSecretRef(token)
  if (token !== undefined && !given) throw contractError('invalid-spec', `--token ${literalRefusal}`)
  const ref = given ?? { scheme: 'env', name: 'SEMAPHORE_AGENT_TOKEN', text: 'env:SEMAPHORE_AGENT_TOKEN' }
  const other = Object.values(settings.agentTypes).find(
    type => type.name !== name && type.isNamed && type.token.text === ref.text,
  )
  if (!other || !isStorable(ref)) return ref
  throw contractError('invalid-spec', `${ref.text} is where the token of ${other.name} is`, {
    hint: `Name a place of its own for the token of ${name}.`,
  })
}

/** A type whose token nobody has is of no use to anybody. */
async function kept(
  types: AgentTypes,
  name: string,
  ref: SecretRef,
  store: () => Promise<void>,
): Promise<void> {
  try {
    await store()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const isGone = await types.delete(name).then(
      () => true,
      () => false,
    )
    const end = isGone ? 'it was deleted again' : 'and it is still there, with a token that nobody has'
    throw contractError(
      isContractError(cause) ? cause.code : 'invalid-spec',
      `The token of ${name} could not be stored as ${ref.text}: ${why}; ${end}`,
      {
        hint: isContractError(cause) && cause.hint ? cause.hint : 'Name another place with --token.',
        cause,
      },
    )
  }
}

async function compared(
  context: Context,
  found: AgentTypeFacts,
  wanted: AgentTypeSettings,
): Promise<CreatedAgentType> {
  const [is, should] = [shown(found), shown(wanted)]
  const differences = Object.keys(should).flatMap(setting => {
    const [before = '', after = ''] = [is[setting], should[setting]]
    return before === after ? [] : [{ setting, is: before, wanted: after }]
  })
  const outcome = differences.length === 0 ? 'unchanged' : 'differs'
  return { outcome, name: found.name, differences, token: await tokenStanding(context, found.name) }
}

function shown({ releaseAfterSeconds, nameFrom, aws }: AgentTypeSettings): Readonly<Record<string, string>> {
  return {
    'release-after': `${releaseAfterSeconds} s`,
    'name-from': nameFrom,
    'aws-account': aws?.account ?? 'none',
    'aws-roles': aws?.roles ?? 'none',
  }
}
