import { Command } from '@oclif/core'
import type { Wanted } from '../cli/completion/wanted.ts'

/** A key was pressed: a cloud that is slower than that is not waited for. Unit: milliseconds. */
const patienceMs = 3000

/** At each key, so it loads no more than what is asked for: commands and flags need no configuration. */
export default class Complete extends Command {
  static override summary = 'What may stand where the last of the words does'
  static override description =
    'The completion scripts of the shells ask this. A line each: the word, a tab, what it stands for. Nothing where a ' +
    'file is meant, and where what is wanted cannot be told.'
  static override examples = ['<%= config.bin %> <%= command.id %> -- instances show ""']
  static override hidden = true
  static override strict = false

  async run(): Promise<void> {
    await this.parse(Complete)
    const words = this.argv.slice(this.argv.indexOf('--') + 1)
    const [{ catalogueOf }, { wantedAt }] = await Promise.all([
      import('../cli/completion/catalogue.ts'),
      import('../cli/completion/wanted.ts'),
    ])
    const wanted = wantedAt(words, catalogueOf(this.config))
    if (wanted.kind === 'files') return
    const candidates = wanted.kind === 'these' ? wanted.candidates : await this.named(wanted)
    const current = words.at(-1) === '=' ? '' : (words.at(-1) ?? '')
    for (const { value, about } of candidates.filter(one => one.value.startsWith(current))) {
      this.log(`${value}\t${about}`)
    }
    // A call that was given up on may still hold a connection.
    if (wanted.kind === 'names') this.exit(0)
  }

  private async named({ of, before, given }: Extract<Wanted, { kind: 'names' }>) {
    const [{ knownNames }, { systemClock }, { openContext }] = await Promise.all([
      import('../operations/known-names.ts'),
      import('../effects/clock.ts'),
      import('../cli/open-context.ts'),
    ])
    const { config, owner, coordinator, provider } = given
    const flags = { config, owner, coordinator, ...(of !== 'provider' && { provider }) }
    const leaving = new AbortController()
    const late = systemClock.sleep(patienceMs).then(() => {
      leaving.abort()
      return []
    })
    try {
      const context = await openContext({
        ...{ config: this.config, flags, needs: 'nothing', signal: leaving.signal },
        write: () => undefined,
      })
      const names = await Promise.race([knownNames[of](context), late])
      return names.map(({ value, about }) => ({ value: before + value, about }))
    } catch {
      // Whatever is wrong, the command that is being typed will say it.
      return []
    }
  }
}
