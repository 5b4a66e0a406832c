import { contractError } from '@agentctl/contract'

export interface SecretRef {
  /** `https://NAME.vault.azure.net` */
  readonly vault: string
  readonly name: string
  /** Undefined for the newest. */
  readonly version: string | undefined
}

const pattern = /^azure-keyvault:(https:\/\/[^/?#@]+)\/secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-f]{32}))?$/

/** Pure. @throws `invalid-spec` */
export function readSecretRef(ref: string): SecretRef {
  const [, vault, name, version] = pattern.exec(ref) ?? []
  if (vault === undefined || name === undefined) {
    throw contractError('invalid-spec', 'The reference to a secret of Key Vault cannot be read', {
      hint: 'It looks like azure-keyvault:https://VAULT.vault.azure.net/secrets/NAME, with /VERSION where one is meant.',
    })
  }
  return { vault, name, version }
}
