import { z } from 'zod'
import { secret } from './secret-schema.ts'
import { strict } from './wording.ts'

const absolute = z.string().regex(/^\/[^\0]*$/, { error: 'must be an absolute path' })
const digest = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be 64 hex digits in lower case' })
const url = z.string().regex(/^https?:\/\/\S+$/, { error: 'must be a URL, https://…' })

const download = strict({ url, sha256: digest })

/** What a Linux guest gets besides its agent. A `process` guest takes none of it. */
export const bootstrapSection = strict({
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: 'must be a login name' })
    .refine(name => name !== 'root', { error: 'must not be root: jobs run as this user' })
    .default('semaphore'),
  sudo: z.boolean().default(false),
  docker: z.boolean().default(false),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.:_-]*$/i, { error: 'must be the name of a package' }))
    .default([]),
  toolbox: strict({ x86_64: download.optional(), arm64: download.optional() }).optional(),
  before: z.string().optional(),
  after: z.string().optional(),
  files: z
    .array(
      strict({
        path: absolute,
        content: z.string().optional(),
        from: secret.optional(),
        mode: z
          .string()
          .regex(/^0[0-7]{3}$/, { error: 'must be octal, such as "0644"' })
          .default('0644'),
        owner: z.string().default('root'),
      }).refine(file => (file.content === undefined) !== (file.from === undefined), {
        error: 'must have either content, or from with a reference to the secret that it holds',
      }),
    )
    .default([]),
  proxy: strict({ url, except: z.array(z.string()).default([]) }).optional(),
  ca: z.string().includes('-----BEGIN CERTIFICATE-----', { error: 'must be certificates in PEM' }).optional(),
  'known-hosts': z.array(z.string()).optional(),
})

/** The section with its defaults, in the words of the file. */
export type BootstrapSettings = z.output<typeof bootstrapSection>
