/** What a schedule of `capacity run` is made for. */
export interface Installation {
  /** The program with its arguments before `capacity`: such as Node and a script. */
  readonly program: readonly string[]
  readonly owner: string
  /** Absolute; left out where there is none. */
  readonly configFile?: string
  /** Variables with the secrets that the configuration refers to, `NAME=value` lines, root's alone. */
  readonly envFile: string
  /** Whose right it is. */
  readonly user: string
}

export interface InstallFile {
  /** Where it belongs. */
  readonly path: string
  readonly text: string
}

/** Leaves five seconds of each minute to the next run. */
export const runArgs = ['capacity', 'run', '--for', '55s', '--quiet'] as const

export function commandOf({ program, configFile }: Installation, args: readonly string[]): readonly string[] {
  return [...program, ...args, ...(configFile === undefined ? [] : ['--config', configFile])]
}

/** A look that is under way when the end is asked for is the last one: its calls have ended by then. Unit: seconds. */
export const stopSeconds = 180
