/** What completion knows of a flag, as oclif's manifest has it. */
export interface FlagFacts {
  readonly name: string
  readonly char?: string
  readonly type: 'boolean' | 'option'
  readonly summary?: string
  readonly description?: string
  readonly options?: readonly string[]
  readonly hidden?: boolean
  readonly multiple?: boolean
  readonly allowNo?: boolean
  readonly helpValue?: string | readonly string[]
}

export interface ArgFacts {
  readonly name: string
  readonly options?: readonly string[]
}

export interface CommandFacts {
  /** Words joined by colons. */
  readonly id: string
  readonly summary?: string
  readonly flags: readonly FlagFacts[]
  readonly args: readonly ArgFacts[]
  /** Takes more arguments than it names. */
  readonly isOpenEnded: boolean
}

/** All that can be said at the command line, with no command loaded. */
export interface Catalogue {
  readonly commands: readonly CommandFacts[]
  readonly topics: readonly { readonly name: string; readonly description?: string }[]
}

interface Described {
  readonly id: string
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly hidden?: boolean | undefined
  readonly strict?: boolean | undefined
  readonly flags: Readonly<Record<string, object>>
  readonly args: Readonly<Record<string, object>>
}

interface Manifest {
  readonly bin: string
  readonly commands: readonly Described[]
  readonly topics: readonly {
    readonly name: string
    readonly description?: string | undefined
    readonly hidden?: boolean | undefined
  }[]
}

/** From oclif's own view of the installed plugins. */
export function catalogueOf({ commands, topics, bin }: Manifest): Catalogue {
  const said = (text: string | undefined) => firstLine(text?.replaceAll('<%= config.bin %>', bin))
  return {
    commands: commands
      .filter(({ hidden }) => hidden !== true)
      .map(({ id, summary, description, strict, flags, args }) => ({
        id,
        summary: said(summary ?? description),
        flags: Object.values(flags).filter(flag => (flag as FlagFacts).hidden !== true) as FlagFacts[],
        args: Object.values(args) as ArgFacts[],
        isOpenEnded: strict === false,
      })),
    topics: topics
      .filter(({ hidden }) => hidden !== true)
      .map(({ name, description }) => ({ name, description: said(description) })),
  }
}

export function firstLine(text: string | undefined): string {
  return (text ?? '').split('\n', 1)[0]?.trim() ?? ''
}
