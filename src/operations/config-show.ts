import { type Explained, type FileConfig, type LoadInput, loadSettings } from '../config/index.ts'
import { redact } from '../errors/index.ts'

export interface ShownConfig {
  /** The file that was read; null without one. */
  readonly file: string | null
  /** Every effective value, in the words of the file. */
  readonly config: FileConfig
  readonly explained: readonly Explained[]
}

/** The effective configuration. Secrets are references in it, and what looks like one in a job's variables is hidden. */
export async function showConfig(input: LoadInput): Promise<ShownConfig> {
  const { file, config, explained } = await loadSettings(input)
  return { file: file ?? null, config: hideSecrets(config), explained: hideSecrets(explained) }
}

function hideSecrets<Value>(value: Value): Value {
  if (typeof value === 'string') return redact(value) as Value
  if (Array.isArray(value)) return value.map(hideSecrets) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hideSecrets(inner)])) as Value
}
