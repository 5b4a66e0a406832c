import { Flags } from '@oclif/core'
import { cacheFlags, cachePlace, cachePoolFlags, cacheTarget, globalOf } from '../../cli/cache-flags.ts'
import { FleetCommand } from '../../cli/fleet-command.ts'
import type { CacheResult } from '../../operations/cache.ts'

export default class CacheCreate extends FleetCommand {
  static override summary = "Make a bucket for Semaphore's cache tool, with rights for it alone"
  static override description =
    'Makes what is missing and leaves what is right, so a second run changes nothing. A bucket of somebody else is ' +
    'refused. Prints what a pool needs to use the cache.'
  static override examples = [
    {
      description: 'A bucket that a role of the machines may use',
      command: '<%= config.bin %> <%= command.id %> --provider aws --bucket acme-cache',
    },
    {
      description: 'A user with an access key, whose secret goes to a file',
      command:
        '<%= config.bin %> <%= command.id %> --provider aws --bucket acme-cache --access key --key-file cache.credentials',
    },
    {
      description: 'A bucket of a store that speaks S3',
      command:
        '<%= config.bin %> <%= command.id %> --provider aws --bucket cache --endpoint https://minio.internal:9000 ' +
        '--s3-key env:MINIO_KEY --s3-secret env:MINIO_SECRET',
    },
  ]
  static override flags = {
    ...cacheFlags,
    ...cachePoolFlags,
    'expire-days': Flags.integer({
      summary: 'Days after which an object goes; 0 keeps all',
      default: 30,
      min: 0,
      max: 3650,
    }),
    access: Flags.string({
      summary: 'A role of the machines, a user with an access key, or the bucket alone',
      options: ['role', 'key', 'none'] as const,
    }),
    'write-config': Flags.boolean({
      summary: 'Write the settings into the configuration file, comments kept',
    }),
  }

  async run(): Promise<CacheResult> {
    const { flags } = await this.parse(CacheCreate)
    const [{ createCache }, { cacheConfigLines, cacheCreatedLines }] = await Promise.all([
      import('../../operations/cache.ts'),
      import('../../views/cache.ts'),
    ])
    const target = { ...cacheTarget(flags, this.surroundings.cwd), isWritten: flags['write-config'] }
    const access = flags.access ?? (flags.endpoint === undefined ? 'role' : 'none')
    const result = await createCache(await this.context(globalOf(flags), 'nothing'), target, {
      ...cachePlace(flags),
      expireDays: flags['expire-days'],
      access: access as 'role' | 'key' | 'none',
    })
    const { writtenTo, config } = result
    const settings =
      writtenTo === undefined ? await cacheConfigLines(config) : ['', `Written into ${writtenTo}.`]
    for (const line of [...cacheCreatedLines(result), ...settings]) this.log(line)
    return result
  }
}
