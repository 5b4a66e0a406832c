import type { Source } from './types.ts'

/** Values by flag name, as the command line parser made them; undefined where a flag was not given. */
export type GivenFlags = Readonly<Record<string, unknown>>
export type Env = Readonly<Record<string, string | undefined>>

/** One value from outside the file. */
export interface Given {
  readonly raw: unknown
  readonly source: Extract<Source, 'flag' | 'variable'>
  /** `--owner` or `AGENTCTL_OWNER`. */
  readonly where: string
}

/**
 * The flag's value, else the variable's. A variable that is set to nothing counts as unset, as it does for the agent
 * (spf13/viper v1.17, AutomaticEnv).
 */
export function given(flag: string, variable: string, flags: GivenFlags, env: Env): Given | undefined {
  if (flags[flag] !== undefined) return { raw: flags[flag], source: 'flag', where: `--${flag}` }
  const value = env[variable]
  return value === undefined || value === '' ? undefined : { raw: value, source: 'variable', where: variable }
}

/** The same for what is a text by nature. */
export function givenText(flag: string, flags: GivenFlags, env: Env): string | undefined {
  const found = given(flag, `AGENTCTL_${flag.toUpperCase().replaceAll('-', '_')}`, flags, env)
  return found === undefined ? undefined : String(found.raw)
}
