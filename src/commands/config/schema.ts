import { BaseCommand } from '../../cli/base.ts'

export default class ConfigSchema extends BaseCommand {
  static override summary = 'Print the JSON Schema of agentctl.yml'
  static override description =
    "For editors: they complete and check the file from it. What a pool says under `spec:` is the provider's."
  static override examples = ['<%= config.bin %> <%= command.id %> > agentctl.schema.json']

  async run(): Promise<Readonly<Record<string, unknown>>> {
    await this.parse(ConfigSchema)
    const { showConfigSchema } = await import('../../operations/config-schema.ts')
    const schema = showConfigSchema()
    this.log(JSON.stringify(schema, null, 2))
    return schema
  }
}
