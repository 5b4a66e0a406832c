import { contractError } from '@agentctl/contract'
import { schemeProviders } from '../config/secrets.ts'
import type { SecretRef } from '../config/types.ts'
import { entryFor } from '../providers/load.ts'
import { providersIn } from '../providers/registry.ts'
import type { Context } from './context.ts'
import { openKeyFile } from './key-file.ts'

/** Where a registration token will be kept: opened before the token is made, since it is told only once. */
export interface TokenPlace extends AsyncDisposable {
  store(token: string): Promise<void>
}

/** A reference that something can be written to. */
export function isStorable({ scheme }: SecretRef): boolean {
  return scheme === 'file' || schemeProviders[scheme] !== undefined
}

/** @throws `invalid-spec` for a reference that nothing can be written to, `provider-not-installed`, `unsupported` */
export async function openTokenPlace(context: Context, ref: SecretRef): Promise<TokenPlace> {
  const { scheme, name, text } = ref
  if (scheme === 'file') {
    const file = await openKeyFile(name)
    return {
      store: token => file.write(`${token}\n`),
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    }
  }
  const provider = schemeProviders[scheme]
  if (provider === undefined) throw notStorable(ref)
  const { effects, plugins, settings, log } = context
  const module = await effects.loadProvider(entryFor(provider, providersIn(plugins)))
  const { writeSecret } = module
  if (!writeSecret)
    throw contractError('unsupported', `The provider ${provider} cannot store ${scheme}: secrets`)
  const { owner, providers } = settings
  return {
    store: token => writeSecret(text, token, { owner, settings: providers[provider], log, ...effects }),
    async [Symbol.asyncDispose]() {},
  }
}

function notStorable({ scheme, text }: SecretRef) {
  const why = scheme === 'env' ? 'a variable of this command ends with it' : 'a command only prints'
  return contractError('invalid-spec', `The token cannot be stored as ${text}: ${why}`, {
    hint:
      'The token is told once, when the type is made. Name a place for it with --token, such as file:PATH or ' +
      'aws-ssm:NAME, or have it printed with --show-token.',
  })
}
