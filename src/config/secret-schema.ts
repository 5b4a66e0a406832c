import { z } from 'zod'
import { literalRefusal, parseSecretRef } from './secrets.ts'

/** A reference to a secret. */
export const secret = z
  .string()
  .refine(text => parseSecretRef(text) !== undefined, { error: literalRefusal })
  .meta({ pattern: '^(env|file|command|aws-ssm|aws-secretsmanager|gcp-secret|azure-keyvault):.+$' })
