import process from 'node:process'
import type { Context } from '../operations/context.ts'
import { BaseCommand } from './base.ts'
import { openContext, pluginsOf } from './open-context.ts'

/** A command that talks to clouds: its settings, the installed plugins, a log on standard error. */
export abstract class FleetCommand extends BaseCommand {
  /** Aborted to leave at once. */
  protected readonly leaving = new AbortController()

  protected get plugins(): Context['plugins'] {
    return pluginsOf(this.config)
  }

  /** `nothing`: neither endpoint nor pools have to be configured, for what runs is found without them. */
  protected context(
    flags: Parameters<typeof openContext>[0]['flags'],
    needs: 'everything' | 'nothing',
    write: (line: string) => void = line => this.say(line),
  ): Promise<Context> {
    return openContext({ config: this.config, flags, needs, signal: this.leaving.signal, write })
  }

  /** To standard error, also under `--json`: it is the only sign of life of long work, and of what went wrong on the way. */
  protected say(line: string): void {
    process.stderr.write(`${line}\n`)
  }

  /** To standard output, as it is: it may end in the middle of a line. */
  protected write(text: string): void {
    process.stdout.write(text)
  }

  protected get isOnTerminal(): boolean {
    return process.stderr.isTTY === true
  }

  /** Whether a table may be redrawn in place. */
  protected get isTerminal(): boolean {
    // A terminal that does not say how wide it is cannot be drawn on.
    return this.isOnTerminal && process.stderr.columns > 0
  }
}
