import { type ContractError, contractError } from '@agentctl/contract'
import type { LocatedProblem } from '../errors/index.ts'
import { checkConfig } from './checks.ts'
import { defaultOwner, defaults } from './defaults.ts'
import type { ConfigDocument } from './document.ts'
import { explain, layerAt } from './explain.ts'
import type { Env, GivenFlags } from './given.ts'
import { type Layer, layersOf } from './layers.ts'
import { formatPath, mappingOf, type Path, parsePath, valueAt, withValue } from './path.ts'
import { configSchema, type FileConfig } from './schema.ts'
import { toSettings } from './settings.ts'
import { chooseTargets, type Targets } from './targets.ts'
import type { Explained, Settings } from './types.ts'
import { type Issue, issuesOf, wording } from './wording.ts'

/** Where something was said: a place in the file, a flag or a variable. */
export type Place = Omit<LocatedProblem, 'path' | 'message'>

export interface Assembled {
  readonly settings: Settings
  /** The same in the words of the file. */
  readonly config: FileConfig
  readonly explained: readonly Explained[]
  /** What `--pool` and `--agent-type`, or their variables, named. */
  readonly selected: { readonly pool?: string; readonly agentType?: string }
  /** Where a path such as `pools.linux.spec.types[0]` was said; undefined where nobody did. */
  locate(path: string): Place | undefined
}

export interface AssembleInput {
  readonly document: ConfigDocument
  /** The file's name as the person knows it; undefined without one. */
  readonly file?: string
  readonly flags: GivenFlags
  readonly env: Env
  /** For the owner that nobody named. */
  readonly userName: string
  readonly hostName: string
  /** Whether the command talks to the hub; default true. */
  readonly needsEndpoint?: boolean
  readonly needsPools?: boolean
}

/**
 * File, variables and flags as one: flags over variables over the file over defaults. Pure.
 * @throws `invalid-spec` with every problem at once, each with its place
 */
export function assemble(input: AssembleInput): Assembled {
  const { document, flags, env } = input
  if (document.problems.length > 0) throw refused(document.problems, input.file)

  const targets = chooseTargets(document.value, flags, env)
  const over = layersOf(targets, flags, env)
  const layers = [...fallbacks(input, targets, over.layers), ...over.layers]
  const merged = layers.reduce((root, layer) => withValue(root, layer.path, layer.value), document.value)
  const parsed = configSchema.safeParse(merged, { error: wording })

  const issues = [
    ...missing(input, targets, merged),
    ...(parsed.success ? [] : issuesOf(parsed.error)),
    ...checkConfig(merged),
  ]
  const locate = (path: Path): Place | undefined => placeOf(path, layers, document)
  const problems = [
    ...[...targets.problems, ...over.problems].map(({ path, ...rest }) => ({
      ...rest,
      path: formatPath(path),
    })),
    ...issues.map(({ path, message }) => ({ path: formatPath(path), message, ...locate(path) })),
  ]
  if (problems.length > 0 || !parsed.success) throw refused(problems, input.file)

  return {
    settings: toSettings(parsed.data, targets.isTypeNamed),
    config: parsed.data,
    explained: explain(parsed.data, layers, document),
    selected: targets.selected,
    locate: path => locate(parsePath(path) ?? []),
  }
}

/** Values that hold unless the file or a layer says otherwise. */
function fallbacks(input: AssembleInput, targets: Targets, over: readonly Layer[]): readonly Layer[] {
  const { document, env } = input
  const fallback = (path: readonly string[], value: unknown, where: string): Layer[] => {
    const isSaid = valueAt(document.value, path) !== undefined || layerAt(path, over) !== undefined
    return isSaid ? [] : [{ path, value, source: 'default', where }]
  }
  const hasApiToken = (env.SEMAPHORE_API_TOKEN ?? '') !== ''
  return [
    ...fallback(['owner'], defaultOwner(input.userName, input.hostName), 'names of the user and the host'),
    ...(hasApiToken ? fallback(['api-token'], defaults.apiToken, 'SEMAPHORE_API_TOKEN is set') : []),
    ...(targets.isTypeMade && targets.type !== undefined
      ? fallback(['agent-types', targets.type, 'pools'], targets.pools, 'the only pool')
      : []),
  ]
}

function missing(
  { needsEndpoint = true, needsPools = true, file }: AssembleInput,
  targets: Targets,
  merged: unknown,
): readonly Issue[] {
  const { endpoint, pools } = mappingOf(merged)
  const noEndpoint = needsEndpoint && endpoint === undefined
  const noPool = needsPools && targets.pools.length === 0 && Object.keys(pools ?? {}).length === 0
  const poolMessage =
    file === undefined
      ? 'there is no configuration file, and no --provider for a pool made by flags'
      : 'is empty: name at least one pool, or give --provider'
  return [
    ...(noEndpoint
      ? [
          {
            path: ['endpoint'],
            message: 'is missing: the host of the organization, as `endpoint:` or --endpoint',
          },
        ]
      : []),
    ...(noPool ? [{ path: ['pools'], message: poolMessage }] : []),
  ]
}

function placeOf(path: Path, layers: readonly Layer[], document: ConfigDocument): Place | undefined {
  const layer = layerAt(path, layers)
  if (layer !== undefined && layer.source !== 'default') return { where: layer.where }
  return document.locate(path)
}

function refused(problems: readonly LocatedProblem[], file: string | undefined): ContractError {
  const sorted = problems.toSorted((one, other) => order(one, other))
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  const isLost = file === undefined && problems.some(({ where }) => where === undefined)
  const hint = isLost
    ? 'agentctl init writes agentctl.yml; or give --provider and --endpoint. `--config FILE` names a file that is elsewhere.'
    : 'correct them; `agentctl config schema` describes every key'
  return contractError('invalid-spec', `${file ?? 'The configuration'} has ${count}`, {
    hint,
    problems: sorted,
  })
}

function order(one: LocatedProblem, other: LocatedProblem): number {
  return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0)
}
