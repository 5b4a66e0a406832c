import process from 'node:process'
import { type ContractError, contractError } from '@agentctl/contract'
import { Command, Errors, Flags } from '@oclif/core'
import { errorJson, exitCodeOf, redact, renderError, toContractError } from '../errors/index.ts'

const global = { helpGroup: 'GLOBAL' } as const

/** Flags that every command has. The variable of `--config` is `AGENTCTL_CONFIG`. */
const globalFlags = {
  config: Flags.string({ ...global, summary: 'Configuration file to use', helpValue: 'FILE' }),
  owner: Flags.string({ ...global, summary: 'Installation whose resources these are', helpValue: 'NAME' }),
  verbose: Flags.boolean({ ...global, summary: 'Say more, also about where an error came from' }),
}

/**
 * What every command is built on: the global flags, `--json`, and errors told by their code.
 * A command parses its flags, calls one operation, shows its result, and returns it for `--json`.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags: typeof globalFlags = globalFlags

  /** The surroundings that operations are given, since they read none themselves. */
  protected get surroundings(): { env: NodeJS.ProcessEnv; cwd: string } {
    return { env: process.env, cwd: process.cwd() }
  }

  /** For a command whose result is worth showing although it did not go well. */
  protected setExitCode(exit: number): void {
    process.exitCode = exit
  }

  protected override async catch(thrown: Error): Promise<void> {
    if (thrown instanceof Errors.ExitError) throw thrown
    const error = thrown instanceof Errors.CLIError ? this.usageError(thrown) : toContractError(thrown)
    const exit = exitCodeOf(error)
    this.setExitCode(exit)
    if (this.jsonEnabled()) return this.logJson({ error: errorJson(error) })

    for (const line of renderError(error)) this.logToStderr(line)
    if (this.argv.includes('--verbose')) this.logToStderr(redact(stackOf(error)))
    // All is said: oclif has only to leave.
    throw new Errors.ExitError(exit)
  }

  /** Wrong flags and arguments: oclif's words, our shape. */
  private usageError(thrown: Error): ContractError {
    const message = thrown.message.replace(/\nSee more help with --help$/, '')
    const command = [this.config.bin, ...(this.id ?? '').split(':')].join(' ')
    return contractError('invalid-spec', message, { hint: `${command} --help`, cause: thrown })
  }
}

function stackOf(error: Error): string {
  const { cause } = error
  const own = error.stack ?? ''
  return cause instanceof Error ? `${own}\nCaused by: ${stackOf(cause)}` : own
}
