import { contractError, isContractError, type Problem, type Provider } from '@agentctl/contract'
import { isMapping, type Mapping, withValue } from '../../config/path.ts'
import { parseSet } from '../../config/set.ts'
import { firstStepsOrNone } from '../../providers/first-steps.ts'
import type { Context } from '../context.ts'
import { openProviders } from '../open-providers.ts'
import type { InitRequest, Where } from './ask.ts'
import { seenAgent } from './see.ts'

/** What the provider's own rules say of the spec: keys that nobody gave are missing, all else is wrong. */
export async function specOf(context: Context, { set }: InitRequest, { provider: name, place }: Where) {
  const { spec: proposals, settings } = firstStepsOrNone(context.plugins, name)
  await using providers = await openProviders(context, [name])
  const provider = providers.get(name) as Provider
  const given = set.reduce<unknown>((root, item) => {
    const parsed = parseSet(item)
    if ('problem' in parsed) throw contractError('invalid-spec', `--set ${item} ${parsed.problem}`)
    return withValue(root, parsed.path, parsed.value)
  }, {}) as Mapping
  const spec: Mapping = { ...(place && { [place.key]: place.value }), ...proposals, ...given }
  const problems = problemsOf(provider, spec)
  const wrong = problems.filter(({ path }) => Object.hasOwn(spec, keyOf(path)))
  if (wrong.length > 0) throw contractError('invalid-spec', `${name} takes no such spec`, { problems: wrong })
  const found = Object.entries(settings).flatMap(([key, variable]) => {
    const value = context.effects.env[variable]
    return value ? [{ key: `providers.${name}.${key}`, value, from: `${variable} is set` }] : []
  })
  const usual = Object.keys(proposals).filter(key => !Object.hasOwn(given, key))
  return {
    spec,
    problems,
    sharesHost: provider.capabilities.sharesHost,
    specSchema: provider.specSchema,
    settings: Object.fromEntries(
      found.map(({ key, value }) => [keyOf(key.replace(`providers.${name}`, 'x')), value]),
    ),
    proposed: [
      ...found,
      ...usual.map(key => ({ key: `spec.${key}`, value: shown(proposals[key]), from: 'a usual one' })),
    ],
  }
}

function keyOf(path: string): string {
  return path.split(/[.[]/)[1] ?? ''
}

function shown(value: unknown): string {
  return isMapping(value) || Array.isArray(value) ? JSON.stringify(value) : String(value)
}

function problemsOf(provider: Provider, spec: Mapping): readonly Problem[] {
  try {
    provider.parseSpec(spec)
    return []
  } catch (error) {
    if (!isContractError(error) || !error.problems) throw error
    return error.problems
  }
}

/** Which agent runs: this host's own where guests see it, else what the provider's images need. */
export async function agentOf({ plugins }: Context, provider: string, sharesHost: boolean) {
  const installed = sharesHost ? await seenAgent() : undefined
  if (installed) return [{ key: 'agent.binary', ...installed }]
  const { agent } = firstStepsOrNone(plugins, provider)
  return Object.entries(agent).map(([key, value]) => ({ key: `agent.${key}`, value, from: 'a usual one' }))
}
