import { didYouMean } from '../errors/index.ts'
import { defaults } from './defaults.ts'
import { type Env, type Given, type GivenFlags, given, givenText } from './given.ts'
import { isMapping, mappingOf, type Path } from './path.ts'

/** Which pool and which agent type flags and variables speak about, and whether they have to be made first. */
export interface Targets {
  readonly pools: readonly string[]
  /** The one that pool keys go to: the only one, or the one that was named. */
  readonly pool?: string
  readonly types: readonly string[]
  readonly type?: string
  /** False when nobody named the agent type. */
  readonly isTypeNamed: boolean
  /** The file has no agent types, and one pool is all there is. */
  readonly isTypeMade: boolean
  readonly selected: { readonly pool?: string; readonly agentType?: string }
  readonly problems: readonly { readonly path: Path; readonly message: string; readonly where?: string }[]
}

/**
 * Without pools in the file there is one, named by `--pool` or after its provider; without agent types there is one,
 * as long as there is one pool.
 */
export function chooseTargets(file: unknown, flags: GivenFlags, env: Env): Targets {
  const pool = choosePool(file, flags, env)
  const type = chooseType(file, pool.names, flags, env)
  return {
    pools: pool.names,
    ...(pool.name !== undefined && { pool: pool.name }),
    types: type.names,
    ...(type.name !== undefined && { type: type.name }),
    isTypeNamed: type.isNamed,
    isTypeMade: type.isMade,
    selected: {
      ...(pool.asked !== undefined && { pool: pool.asked }),
      ...(type.asked !== undefined && { agentType: type.asked }),
    },
    problems: [...pool.problems, ...type.problems],
  }
}

function choosePool(file: unknown, flags: GivenFlags, env: Env): Chosen & { names: readonly string[] } {
  const section = mappingOf(file).pools ?? {}
  const written = Object.keys(mappingOf(section))
  const asked = given('pool', 'AGENTCTL_POOL', flags, env)
  if (written.length > 0) return { names: written, ...chooseAmong(written, asked, 'pools', 'pool') }

  const made = asked === undefined ? givenText('provider', flags, env) : String(asked.raw)
  const names = made === undefined || !isMapping(section) ? [] : [made]
  return { names, name: names[0], asked: asked && names[0], problems: [] }
}

function chooseType(file: unknown, pools: readonly string[], flags: GivenFlags, env: Env) {
  const section = mappingOf(file)['agent-types'] ?? {}
  const written = Object.keys(mappingOf(section))
  const asked = given('agent-type', 'AGENTCTL_AGENT_TYPE', flags, env)
  if (written.length > 0) {
    const chosen = chooseAmong(written, asked, 'agent-types', 'agent type')
    return { names: written, ...chosen, isNamed: true, isMade: false }
  }
  const askedName = asked && String(asked.raw)
  const isMade = pools.length === 1 && isMapping(section)
  const names = isMade ? [askedName ?? defaults.agentType] : []
  return { names, name: names[0], asked: askedName, isNamed: asked !== undefined, isMade, problems: [] }
}

interface Chosen {
  readonly name: string | undefined
  /** The name, when a person said it. */
  readonly asked: string | undefined
  readonly problems: Targets['problems']
}

/** The one that was asked for, else the only one. */
function chooseAmong(
  written: readonly string[],
  asked: Given | undefined,
  section: string,
  noun: string,
): Chosen {
  if (asked === undefined) {
    return { name: written.length === 1 ? written[0] : undefined, asked: undefined, problems: [] }
  }
  const name = String(asked.raw)
  if (written.includes(name)) return { name, asked: name, problems: [] }
  const message = `there is no ${noun} ${name}${didYouMean(name, written)}`
  return { name: undefined, asked: undefined, problems: [{ path: [section], message, where: asked.where }] }
}
