import { type FlagValue, type FlagValues, parseGoBool, parseGoInt } from './flags.ts'
import { type Setting, settings, type Values, variableOf } from './settings.ts'

export interface Sources {
  readonly flags: FlagValues
  readonly env: Readonly<Record<string, string | undefined>>
  /** The file's keys in lower case, nested ones joined by dots. */
  readonly file: ReadonlyMap<string, unknown>
}

/**
 * One value for each setting: flag, then variable, then file, then the default. A variable set to nothing counts as
 * not set. What cannot be read as a number or truth value is 0 or false, in silence: so does the real agent.
 * Source: spf13/viper v1.17.0 find(), spf13/cast v1.5.1, 2026-02.
 */
export function resolveSettings(sources: Sources): Values {
  return Object.fromEntries(
    settings.map(setting => [setting.key, settle(setting, sources)]),
  ) as unknown as Values
}

function settle(setting: Setting, { flags, env, file }: Sources): FlagValue {
  const given = flags.get(setting.key)
  if (given !== undefined || setting.key === 'config-file') return given ?? setting.standard
  const variable = env[variableOf(setting.key)]
  if (variable !== undefined && variable !== '') return cast(setting, variable)
  const filed = file.get(setting.key)
  return filed === undefined || filed === null ? setting.standard : cast(setting, filed)
}

function cast(setting: Setting, raw: unknown): FlagValue {
  switch (setting.kind) {
    case 'text':
      return typeof raw === 'object' ? '' : String(raw)
    case 'flag':
      if (typeof raw === 'number') return raw !== 0
      return typeof raw === 'boolean' ? raw : (parseGoBool(String(raw)) ?? false)
    case 'whole':
      if (typeof raw === 'number') return Math.trunc(raw)
      return typeof raw === 'boolean' ? Number(raw) : (parseGoInt(String(raw)) ?? 0)
    case 'list':
      if (Array.isArray(raw)) return raw.map(String)
      // A list in one string is split on white space, not on commas.
      return String(raw)
        .split(/\s+/)
        .filter(item => item !== '')
  }
}
