import { z } from 'zod'
import { secret } from './secret-schema.ts'
import { strict } from './wording.ts'

const absolute = z.string().regex(/^\/[^\0]*$/, { error: 'must be an absolute path' })
const digest = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be 64 hex digits in lower case' })
const url = z.string().regex(/^https?:\/\/\S+$/, { error: 'must be a URL, https://…' })

const download = strict({
  url: url.describe('Archive to download'),
  sha256: digest.describe('Its digest'),
})

/** What a Linux guest gets besides its agent. A `process` guest takes none of it. */
export const bootstrapSection = strict({
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: 'must be a login name' })
    .refine(name => name !== 'root', { error: 'must not be root: jobs run as this user' })
    .default('semaphore')
    .describe('User that jobs run as; made where it does not exist'),
  sudo: z.boolean().default(false).describe('Jobs may become root'),
  docker: z.boolean().default(false).describe('Install Docker, and let jobs use it'),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.:_-]*$/i, { error: 'must be the name of a package' }))
    .default([])
    .describe('Packages to install'),
  toolbox: strict({ x86_64: download.optional(), arm64: download.optional() }).optional(),
  before: z.string().optional().describe('Script of yours that root runs before the set-up'),
  after: z.string().optional().describe('Script of yours that root runs after it'),
  files: z
    .array(
      strict({
        path: absolute.describe('Where it is in the guest'),
        content: z.string().optional().describe('What it holds'),
        from: secret.optional().describe('Secret that it holds'),
        mode: z
          .string()
          .regex(/^0[0-7]{3}$/, { error: 'must be octal, such as "0644"' })
          .default('0644')
          .describe('Its mode'),
        owner: z.string().default('root').describe('Its owner'),
      }).refine(file => (file.content === undefined) !== (file.from === undefined), {
        error: 'must have either content, or from with a reference to the secret that it holds',
      }),
    )
    .default([])
    .describe('Files to write'),
  proxy: strict({
    url: url.describe('Proxy of the guest, its agent and its jobs'),
    except: z.array(z.string()).default([]).describe('Hosts that are reached without it'),
  }).optional(),
  ca: z
    .string()
    .includes('-----BEGIN CERTIFICATE-----', { error: 'must be certificates in PEM' })
    .optional()
    .describe('Certificates to trust besides'),
  'known-hosts': z
    .array(z.string())
    .optional()
    .describe('SSH host keys for `checkout`; without it, those of GitHub, GitLab and Bitbucket'),
})

/** The section with its defaults, in the words of the file. */
export type BootstrapSettings = z.output<typeof bootstrapSection>
