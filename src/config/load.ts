import { readFile } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { contractError } from '@agentctl/contract'
import { host } from '../effects/process.ts'
import { type Assembled, assemble } from './assemble.ts'
import { noDocument, parseConfig } from './document.ts'
import { type Env, type GivenFlags, givenText } from './given.ts'
import type { Settings } from './types.ts'

export interface LoadInput {
  /** Parsed flags by name; those that are no setting are passed over. */
  readonly flags: GivenFlags
  readonly env: Env
  readonly cwd: string
  /** Default: the operating system's answer. */
  readonly homeDir?: string
  /** A file to read instead of looking for one; goes before `--config` and `AGENTCTL_CONFIG`. */
  readonly configFile?: string
  /** False for commands that never talk to the hub: the endpoint may then be empty. Default true. */
  readonly needsEndpoint?: boolean
  /** False for commands that look at what runs: the scopes that were used before are then enough. Default true. */
  readonly needsPools?: boolean
  /** For the default owner. Default: the operating system's answers. */
  readonly userName?: string
  readonly hostName?: string
}

export interface Loaded extends Assembled {
  /** The file that was read, as the person knows it. */
  readonly file?: string
}

/**
 * The settings from `agentctl.yml` in the working directory, else in the user's configuration directory, with
 * variables and flags laid over it.
 * @throws `invalid-spec` with every problem at once, each with its place
 */
export async function loadSettings(input: LoadInput): Promise<Loaded> {
  const found = await findFile(input)
  const assembled = assemble({
    document: found ? parseConfig(found.text, found.name) : noDocument,
    ...(found && { file: found.name }),
    flags: input.flags,
    env: input.env,
    userName: input.userName ?? host().user,
    hostName: input.hostName ?? host().name,
    ...(input.needsEndpoint !== undefined && { needsEndpoint: input.needsEndpoint }),
    ...(input.needsPools !== undefined && { needsPools: input.needsPools }),
  })
  return { ...assembled, ...(found && { file: found.name }) }
}

/** What holds without a configuration: an owner, and nothing to make. */
export function blankSettings({ AGENTCTL_OWNER }: Env): Settings {
  const { user, name } = host()
  const env = AGENTCTL_OWNER === undefined ? {} : { AGENTCTL_OWNER }
  const needs = { needsEndpoint: false, needsPools: false }
  return assemble({ document: noDocument, flags: {}, env, userName: user, hostName: name, ...needs }).settings
}

interface FoundFile {
  readonly name: string
  readonly text: string
}

async function findFile(input: LoadInput): Promise<FoundFile | undefined> {
  const { cwd, flags, env } = input
  const named = input.configFile ?? givenText('config', flags, env)
  if (named !== undefined) {
    const text = await readText(isAbsolute(named) ? named : join(cwd, named))
    if (text !== undefined) return { name: named, text }
    throw contractError('invalid-spec', `There is no configuration file ${named}`, {
      hint: 'Name one that exists, or leave --config and AGENTCTL_CONFIG out to use agentctl.yml.',
    })
  }
  for (const path of [join(cwd, 'agentctl.yml'), join(configDir(input), 'agentctl.yml')]) {
    const text = await readText(path)
    if (text !== undefined) return { name: shortName(path, cwd), text }
  }
  return undefined
}

/** XDG says that a relative path there is to be ignored. */
function configDir({ env, homeDir }: LoadInput): string {
  const xdg = env.XDG_CONFIG_HOME
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeDir ?? host().home, '.config')
  return join(base, 'agentctl')
}

function shortName(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short.startsWith('..') ? path : short
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw contractError('invalid-spec', `The configuration file ${path} cannot be read: ${code}`, {
      hint: 'make it a file that this user can read',
      cause,
    })
  }
}
