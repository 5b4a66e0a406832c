import type { ProviderTraits } from './registry.ts'

interface KnownProvider {
  readonly plugin: string
  /** As the plugin's own package.json has them; a test compares. */
  readonly capabilities: ProviderTraits
}

/** Providers that agentctl's own packages bring, also where they are not installed. */
export const knownProviders: Readonly<Record<string, KnownProvider>> = {
  aws: {
    plugin: '@agentctl/provider-aws',
    capabilities: {
      launchBatchMax: 100,
      poweroff: 'deletes',
      platformTtl: false,
      spot: true,
      guests: ['linux'],
    },
  },
  azure: {
    plugin: '@agentctl/provider-azure',
    capabilities: {
      launchBatchMax: 1,
      poweroff: 'stops-and-bills',
      platformTtl: false,
      spot: true,
      guests: ['linux'],
    },
  },
  docker: {
    plugin: '@agentctl/provider-docker',
    capabilities: {
      launchBatchMax: 20,
      poweroff: 'stops',
      platformTtl: false,
      spot: false,
      guests: ['process', 'linux'],
    },
  },
  gcp: {
    plugin: '@agentctl/provider-gcp',
    capabilities: {
      launchBatchMax: 1,
      poweroff: 'stops',
      platformTtl: true,
      spot: true,
      guests: ['linux'],
    },
  },
  local: {
    plugin: '@agentctl/provider-local',
    capabilities: {
      launchBatchMax: 20,
      poweroff: 'stops',
      platformTtl: true,
      spot: false,
      guests: ['process'],
    },
  },
  qemu: {
    plugin: '@agentctl/provider-qemu',
    capabilities: {
      launchBatchMax: 10,
      poweroff: 'stops',
      platformTtl: true,
      spot: false,
      guests: ['linux'],
    },
  },
}

/** Coordinators that agentctl's own packages bring, with the schemes of their addresses. */
export const knownCoordinators: Readonly<
  Record<string, { readonly plugin: string; readonly schemes: readonly string[] }>
> = {
  postgres: { plugin: '@agentctl/coordinator-postgres', schemes: ['postgres', 'postgresql'] },
}

/** The plugin of ours that a short name such as `aws` or `postgres` stands for. */
export function knownPlugin(name: string): string | undefined {
  return (knownProviders[name] ?? knownCoordinators[name])?.plugin
}
