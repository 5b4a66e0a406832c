import process from 'node:process'
import { loadSettings } from '../config/index.ts'
import { textLog } from '../effects/log.ts'
import { redact } from '../errors/index.ts'
import { type Context, systemEffects } from '../operations/context.ts'
import { BaseCommand } from './base.ts'

/** A command that talks to clouds: its settings, the installed plugins, a log on standard error. */
export abstract class FleetCommand extends BaseCommand {
  /** Aborted to leave at once. */
  protected readonly leaving = new AbortController()

  protected get plugins(): Context['plugins'] {
    return this.config
      .getPluginsList()
      .map(({ name, version, type, root, pjson }) => ({ name, version, type, root, pjson }))
  }

  /** `nothing`: neither endpoint nor pools have to be configured, for what runs is found without them. */
  protected async context(
    flags: Parameters<typeof loadSettings>[0]['flags'],
    needs: 'everything' | 'nothing',
    write: (line: string) => void = line => this.say(line),
  ): Promise<Context> {
    const { settings, locate, file } = await loadSettings({
      flags,
      ...this.surroundings,
      needsEndpoint: needs === 'everything',
      needsPools: needs === 'everything',
    })
    return {
      settings,
      locate,
      ...(file !== undefined && { configFile: file }),
      plugins: this.plugins,
      log: textLog(line => write(redact(line)), flags.verbose === true),
      signal: this.leaving.signal,
      effects: systemEffects(),
    }
  }

  /** To standard error, also under `--json`: it is the only sign of life of long work, and of what went wrong on the way. */
  protected say(line: string): void {
    process.stderr.write(`${line}\n`)
  }

  /** Whether a table may be redrawn in place. */
  protected get isTerminal(): boolean {
    // A terminal that does not say how wide it is cannot be drawn on.
    return process.stderr.isTTY === true && process.stderr.columns > 0
  }
}
