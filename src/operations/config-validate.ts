import { type LoadInput, loadSettings } from '../config/index.ts'

export interface ValidConfig {
  readonly file: string | null
  readonly owner: string
  readonly agentTypes: readonly string[]
  readonly pools: readonly string[]
}

/** @throws `invalid-spec` with every problem at once, each with its place */
export async function validateConfig(input: LoadInput): Promise<ValidConfig> {
  const { file, settings } = await loadSettings(input)
  return {
    file: file ?? null,
    owner: settings.owner,
    agentTypes: Object.keys(settings.agentTypes),
    pools: Object.keys(settings.pools),
  }
}
