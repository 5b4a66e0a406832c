import { agentSettings, isUserSetting, parseSetting, refusalMessage, variableOf } from '../agent/index.ts'
import { fromVariable } from './coordinator.ts'
import { defaults } from './defaults.ts'
import { type Env, type Given, type GivenFlags, given } from './given.ts'
import { flagOf, type OwnKey, ownKeys, variableOfKey } from './keys.ts'
import type { Path } from './path.ts'
import { parseSet } from './set.ts'
import type { Targets } from './targets.ts'
import type { Source } from './types.ts'

/** One value laid over the file; of a default, one laid under it. */
export interface Layer {
  readonly path: readonly string[]
  readonly value: unknown
  readonly source: Source
  readonly where: string
}

export interface LayerProblem {
  readonly path: Path
  readonly message: string
  readonly where?: string
}

export interface Layers {
  readonly layers: readonly Layer[]
  readonly problems: readonly LayerProblem[]
}

/** Everything that flags and variables say, by where it belongs in the file; a flag hides its variable. */
export function layersOf(targets: Targets, flags: GivenFlags, env: Env): Layers {
  const parts = [
    ...ownKeys.map(row => ownLayer(row, targets, flags, env)),
    tokenLayer(targets, flags, env),
    ...agentSettings.map(row => agentLayers(row.key, targets, flags, env)),
    ...setLayers(targets, flags, env),
  ]
  return { layers: parts.flatMap(part => part.layers), problems: parts.flatMap(part => part.problems) }
}

const none: Layers = { layers: [], problems: [] }

function ownLayer(row: OwnKey, targets: Targets, flags: GivenFlags, env: Env): Layers {
  const found = given(flagOf(row), variableOfKey(row), flags, env)
  return found === undefined ? none : placed(row, found, read(row, found), targets)
}

/** Values of the wrong kind stay as they are, for the schema to say so. */
function read(row: OwnKey, { raw, where, source }: Given): unknown {
  if (row.key === 'coordinator' && source === 'variable') return fromVariable(String(raw))
  if (row.form === 'whole' && typeof raw === 'string' && /^-?\d{1,15}$/.test(raw)) return Number(raw)
  if (row.form === 'number' && typeof raw === 'string' && /^\d{1,9}(\.\d{1,9})?$/.test(raw))
    return Number(raw)
  if (row.form !== 'switch' || typeof raw !== 'string') return raw
  const parsed = parseSetting('no-https', raw, where.startsWith('--') ? 'flag' : 'variable')
  return 'value' in parsed ? parsed.value : raw
}

/** The target that a row belongs to; with several of them, the one that was named. */
function placed(
  row: Pick<OwnKey, 'at' | 'key'>,
  { source, where }: Given,
  value: unknown,
  targets: Targets,
): Layers {
  const keys = row.key.split('.')
  if (row.at === 'top') return { layers: [{ path: keys, value, source, where }], problems: [] }
  const section = row.at === 'pool' ? 'pools' : 'agent-types'
  const name = row.at === 'pool' ? targets.pool : targets.type
  if (name !== undefined)
    return { layers: [{ path: [section, name, ...keys], value, source, where }], problems: [] }
  // With no pool at all, that is what is told.
  if (targets.pools.length === 0) return none
  const [flag, noun] = row.at === 'pool' ? ['--pool', 'pool'] : ['--agent-type', 'agent type']
  return { layers: [], problems: [{ path: keys, message: `say with ${flag} which ${noun} is meant`, where }] }
}

/**
 * `--token` is a reference; the agent's own variable holds the token itself, so it is the reference to that variable
 * that counts, and only where there is no doubt whose token it is.
 */
function tokenLayer(targets: Targets, flags: GivenFlags, env: Env): Layers {
  const found = given('token', variableOf('token'), flags, env)
  if (found === undefined) return none
  if (found.source === 'flag') return placed({ at: 'type', key: 'token' }, found, found.raw, targets)
  return targets.types.length === 1
    ? placed({ at: 'type', key: 'token' }, found, defaults.token, targets)
    : none
}

const saidElsewhere: readonly string[] = ['endpoint', 'token', 'no-https']

/** A setting of the agent holds for every pool. */
function agentLayers(
  key: (typeof agentSettings)[number]['key'],
  targets: Targets,
  flags: GivenFlags,
  env: Env,
): Layers {
  const found = saidElsewhere.includes(key) ? undefined : given(key, variableOf(key), flags, env)
  if (found === undefined) return none
  const { raw, source, where } = found
  const problem = (message: string) => ({ layers: [], problems: [{ path: ['agent', key], message, where }] })
  if (!isUserSetting(key)) return problem(refusalMessage(key))
  const parsed = parseSetting(key, raw, source)
  if ('problem' in parsed) return problem(parsed.problem)
  const layers = targets.pools.map(pool => ({
    path: ['pools', pool, 'agent', key],
    value: parsed.value,
    source,
    where,
  }))
  return { layers, problems: [] }
}

/** `AGENTCTL_SET` holds items with white space between them; flags go over it one by one. */
function setLayers(targets: Targets, flags: GivenFlags, env: Env): readonly Layers[] {
  const variable = given('', 'AGENTCTL_SET', {}, env)
  const flag = given('set', '', flags, {})
  const items = [
    ...String(variable?.raw ?? '')
      .split(/\s+/)
      .filter(item => item !== '')
      .map(item => ({ item, from: variable })),
    ...[flag?.raw ?? []].flat().map(item => ({ item: String(item), from: flag })),
  ]
  return items.map(({ item, from }) => {
    if (from === undefined) return none
    const parsed = parseSet(item)
    if ('problem' in parsed)
      return { layers: [], problems: [{ path: ['spec'], message: parsed.problem, where: from.where }] }
    const { layers, problems } = placed({ at: 'pool', key: 'spec' }, from, parsed.value, targets)
    return { layers: layers.map(layer => ({ ...layer, path: [...layer.path, ...parsed.path] })), problems }
  })
}
