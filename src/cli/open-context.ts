import process from 'node:process'
import type { Interfaces } from '@oclif/core'
import { blankSettings, loadSettings } from '../config/index.ts'
import { textLog } from '../effects/log.ts'
import { redact } from '../errors/index.ts'
import { type Context, systemEffects } from '../operations/context.ts'

type GivenFlags = Parameters<typeof loadSettings>[0]['flags']

interface Opening {
  readonly config: Interfaces.Config
  readonly flags: GivenFlags
  /** `nothing`: neither endpoint nor pools have to be configured, for what runs is found without them. */
  readonly needs: 'everything' | 'nothing'
  readonly signal: AbortSignal
  readonly write: (line: string) => void
}

export function pluginsOf(config: Interfaces.Config): Context['plugins'] {
  return config
    .getPluginsList()
    .map(({ name, version, type, root, pjson }) => ({ name, version, type, root, pjson }))
}

/** What an operation is given by the command line: settings, installed plugins, a log. @throws `invalid-spec` */
export async function openContext({ config, flags, needs, signal, write }: Opening): Promise<Context> {
  const { settings, locate, file } = await loadSettings({
    flags,
    env: process.env,
    cwd: process.cwd(),
    needsEndpoint: needs === 'everything',
    needsPools: needs === 'everything',
  })
  return {
    settings,
    locate,
    ...(file !== undefined && { configFile: file }),
    plugins: pluginsOf(config),
    version: config.version,
    log: textLog(line => write(redact(line)), flags.verbose === true),
    signal,
    effects: systemEffects(),
  }
}

/** Where there is no configuration yet. */
export function blankContext({ config, flags, signal, write }: Omit<Opening, 'needs'>): Context {
  return {
    settings: blankSettings(process.env),
    locate: () => undefined,
    plugins: pluginsOf(config),
    version: config.version,
    log: textLog(line => write(redact(line)), flags.verbose === true),
    signal,
    effects: systemEffects(),
  }
}
