import { contractError } from '@agentctl/contract'
import { cacheFlags, cachePlace, cachePoolFlags, cacheTarget, globalOf } from '../../cli/cache-flags.ts'
import { FleetCommand } from '../../cli/fleet-command.ts'
import type { ShownCache } from '../../operations/cache.ts'

export default class CacheShow extends FleetCommand {
  static override summary = 'Show how a cache stands, and what a pool needs to use it'
  static override description =
    'Reads only. The bucket is looked at as it is now, with the rights of whoever asks.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --provider aws --bucket acme-cache',
    '<%= config.bin %> <%= command.id %> --provider aws --bucket acme-cache --json',
  ]
  static override flags = { ...cacheFlags, ...cachePoolFlags }

  async run(): Promise<ShownCache> {
    const { flags } = await this.parse(CacheShow)
    const [{ showCache }, { cacheConfigLines, cacheShownLines }] = await Promise.all([
      import('../../operations/cache.ts'),
      import('../../views/cache.ts'),
    ])
    const context = await this.context(globalOf(flags), 'nothing')
    const shown = await showCache(context, cacheTarget(flags, this.surroundings.cwd), cachePlace(flags))
    if (!shown) {
      throw contractError('invalid-spec', `There is no bucket ${flags.bucket}`, {
        hint: 'agentctl cache create makes it.',
      })
    }
    for (const line of [...cacheShownLines(shown), ...(await cacheConfigLines(shown.config))]) this.log(line)
    return shown
  }
}
