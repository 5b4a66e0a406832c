import { contractError } from '@agentctl/contract'
import { Flags } from '@oclif/core'
import { cacheFlags, cachePlace, cacheTarget, globalOf } from '../../cli/cache-flags.ts'
import { FleetCommand } from '../../cli/fleet-command.ts'

export default class CacheDelete extends FleetCommand {
  static override summary = 'Delete a cache: the bucket with all that is in it, and its role or user'
  static override description = 'Asks first on a terminal. A bucket that is not this owner’s is refused.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --provider aws --bucket acme-cache',
    '<%= config.bin %> <%= command.id %> --provider aws --bucket acme-cache --yes --json',
  ]
  static override flags = { ...cacheFlags, yes: Flags.boolean({ summary: 'Do not ask' }) }

  async run(): Promise<{ bucket: string; outcome: 'deleted' | 'gone' | 'kept' }> {
    const { flags } = await this.parse(CacheDelete)
    const { bucket } = flags
    if (!flags.yes && !(await this.confirmed(bucket))) {
      this.log(`The cache ${bucket} is kept.`)
      return { bucket, outcome: 'kept' }
    }
    const { deleteCache } = await import('../../operations/cache.ts')
    const context = await this.context(globalOf(flags), 'nothing')
    const outcome = await deleteCache(context, cacheTarget(flags, this.surroundings.cwd), cachePlace(flags))
    this.log(outcome === 'gone' ? `There is no cache ${bucket} any more.` : `The cache ${bucket} is deleted.`)
    return { bucket, outcome }
  }

  private async confirmed(bucket: string): Promise<boolean> {
    const { confirm } = await import('../../cli/confirm.ts')
    const answer = await confirm(`Delete the bucket ${bucket} with everything that is in it?`)
    if (answer !== undefined) return answer
    throw contractError('invalid-spec', `Deleting the bucket ${bucket} has to be confirmed`, {
      hint: 'There is no terminal to ask on: say --yes.',
    })
  }
}
