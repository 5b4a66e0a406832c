import type { Asked } from './rights.ts'

const awsSpec = {
  region: 'eu-central-1',
  image: 'ami-0123456789abcdef0',
  types: ['c7i.large'],
  subnets: ['subnet-0123456789abcdef0'],
}
const gcpSpec = { project: 'acme-ci', region: 'europe-west1', types: ['e2-small'], image: 'family/agent' }
const network =
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/net/providers/Microsoft.Network'
const azureSpec = {
  location: 'westeurope',
  subscription: '11111111-2222-4333-8444-555555555555',
  sizes: ['Standard_D2s_v5'],
  image: 'Canonical:ubuntu-24_04-lts:server:latest',
  subnet: `${network}/virtualNetworks/ci/subnets/ci`,
}
const gallery = `${network.replace('Microsoft.Network', 'Microsoft.Compute')}/galleries/ci/images/agent`
const cache = (access: 'role' | 'key') => ({ bucket: 'acme-cache', access })

/** What is asked of each cloud's `rights`, so that its page shows what each use adds. */
export const asked: Readonly<Record<string, Asked>> = {
  aws: {
    spec: awsSpec,
    uses: [
      ['`market` with `spot`', { specs: [{ ...awsSpec, market: ['spot', 'on-demand'] }] }],
      ['`offering-order: price`', { specs: [{ ...awsSpec, 'offering-order': 'price' }] }],
      ['`image: ssm:`', { specs: [{ ...awsSpec, image: 'ssm:/ci/image' }] }],
      ['`instance-profile`', { specs: [{ ...awsSpec, 'instance-profile': 'ci-jobs' }] }],
      ['`volume.kms-key`', { specs: [{ ...awsSpec, volume: { 'kms-key': 'alias/ci' } }] }],
      ['`token: aws-ssm:`', { secrets: ['aws-ssm:/ci/token'] }],
      ['`token: aws-secretsmanager:`', { secrets: ['aws-secretsmanager:ci/token'] }],
      ['`token-bucket`', { tokenBuckets: ['acme-tokens'] }],
      ['`--cache-bucket`, by role', { cache: cache('role') }],
      ['`--cache-bucket`, by key', { cache: cache('key') }],
    ],
  },
  gcp: {
    spec: gcpSpec,
    uses: [
      ['`external-address: true`', { specs: [{ ...gcpSpec, 'external-address': true }] }],
      ['`network-tags`', { specs: [{ ...gcpSpec, 'network-tags': ['ci'] }] }],
      [
        '`service-account`',
        { specs: [{ ...gcpSpec, 'service-account': 'ci@acme-ci.iam.gserviceaccount.com' }] },
      ],
      ['`--cache-bucket`, by role', { cache: cache('role') }],
      ['`--cache-bucket`, by key', { cache: cache('key') }],
    ],
  },
  azure: {
    spec: azureSpec,
    uses: [
      ['`public-address: true`', { specs: [{ ...azureSpec, 'public-address': true }] }],
      [
        '`security-group`',
        { specs: [{ ...azureSpec, 'security-group': `${network}/networkSecurityGroups/ci` }] },
      ],
      ['an image of a gallery', { specs: [{ ...azureSpec, image: gallery }] }],
      [
        '`token: azure-keyvault:`',
        { secrets: ['azure-keyvault:https://acme.vault.azure.net/secrets/token'] },
      ],
    ],
  },
}
