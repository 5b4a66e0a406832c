import { z } from 'zod'
import type { PluginFacts } from './registry.ts'

const names = z.array(z.string()).default([])

/** What a first configuration is made of, from `"agentctl": {"start": …}` of a plugin's package.json. */
const startMetadata = z.object({
  provider: z.string(),
  start: z.object({
    /** What a person who uses the provider has: variables that are set, files that are there (`~` is the home). */
    signs: z.object({ variables: names, files: names }).prefault({}),
    /** The key of a spec that says where machines are, and variables that say it too. */
    place: z.object({ key: z.string(), variables: names }).optional(),
    /** Keys of `providers: NAME:` with the variable that each is taken from. */
    settings: z.record(z.string(), z.string()).default({}),
    /** Proposals for keys of the spec and of `agent:` that have no default. */
    spec: z.record(z.string(), z.unknown()).default({}),
    agent: z.record(z.string(), z.string()).default({}),
  }),
})

export type FirstSteps = z.output<typeof startMetadata>['start']

const none: FirstSteps = { signs: { variables: [], files: [] }, settings: {}, spec: {}, agent: {} }

/** Undefined for a provider that nobody begins with, such as a simulated one. */
export function firstStepsOf(plugins: readonly PluginFacts[], provider: string): FirstSteps | undefined {
  for (const { pjson } of plugins) {
    const found = startMetadata.safeParse((pjson as { agentctl?: unknown }).agentctl)
    if (found.success && found.data.provider === provider) return found.data.start
  }
  return undefined
}

export function firstStepsOrNone(plugins: readonly PluginFacts[], provider: string): FirstSteps {
  return firstStepsOf(plugins, provider) ?? none
}
