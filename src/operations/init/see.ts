import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { isContractError } from '@agentctl/contract'
import type { SecretRef } from '../../config/types.ts'
import { openAgentTypes } from '../../demand/agent-types.ts'
import type { HubAddress } from '../../demand/hub.ts'
import { type FirstSteps, firstStepsOf } from '../../providers/first-steps.ts'
import { providersIn } from '../../providers/registry.ts'
import type { Context } from '../context.ts'
import { readSecretRef } from '../open-hub.ts'

/** A value that nobody has to be asked for, and why it is proposed. */
export interface Proposal {
  readonly value: string
  readonly from: string
}

/** The installed provider that this host shows most signs of: variables say more than files do. */
export async function seenProvider({ plugins, effects }: Context): Promise<Proposal | undefined> {
  const found: (Proposal & { readonly weight: number })[] = []
  for (const { provider } of providersIn(plugins)) {
    const steps = firstStepsOf(plugins, provider)
    if (!steps) continue
    const variable = steps.signs.variables.find(name => effects.env[name])
    const file = await firstOf(steps.signs.files, effects.home)
    if (variable) found.push({ value: provider, from: `${variable} is set`, weight: 2 })
    else if (file) found.push({ value: provider, from: `${file} is there`, weight: 1 })
    else found.push({ value: provider, from: 'it needs nothing', weight: hasSigns(steps) ? -1 : 0 })
  }
  const [best] = found.filter(({ weight }) => weight >= 0).toSorted((one, two) => two.weight - one.weight)
  return best && { value: best.value, from: best.from }
}

function hasSigns({ signs }: FirstSteps): boolean {
  return signs.variables.length + signs.files.length > 0
}

async function firstOf(files: readonly string[], home: string): Promise<string | undefined> {
  for (const file of files) if (await isThere(file.replace(/^~/, home))) return file
  return undefined
}

export async function isThere(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
}

/** The first variable that is set. */
export function seenVariable({ effects }: Context, names: readonly string[]): Proposal | undefined {
  const name = names.find(one => effects.env[one])
  return name === undefined ? undefined : { value: effects.env[name] ?? '', from: `${name} is set` }
}

/** Names of the organization's agent types; undefined where nobody says. */
export async function seenAgentTypes(
  context: Context,
  address: HubAddress,
  apiToken: SecretRef | undefined,
): Promise<readonly string[] | undefined> {
  if (!apiToken) return undefined
  try {
    const token = await readSecretRef(context, apiToken)
    const types = await openAgentTypes(address, token, context.signal).list()
    return types.map(({ name }) => name)
  } catch (error) {
    if (!isContractError(error)) throw error
    context.log.warn(`The agent types could not be looked up: ${error.message}`)
    return undefined
  }
}

/** Where the agent lies in images, and on hosts, that its own install script has made. */
const installedAgent = '/opt/semaphore/agent/agent'

export async function seenAgent(): Promise<Proposal | undefined> {
  if (!(await isThere(installedAgent))) return undefined
  return { value: installedAgent, from: `${installedAgent} is there` }
}

export function tokenFileFor(folder: string, agentType: string): string {
  return `file:${join(folder, `${agentType}.token`)}`
}
