import { configJsonSchema } from '../config/index.ts'

/** The JSON Schema of the configuration, for editors; a pool's `spec` is the provider's and left open. */
export function showConfigSchema(): Readonly<Record<string, unknown>> {
  return configJsonSchema()
}
