import { gzipSync } from 'node:zlib'
import type { Provider, ProviderModule } from '@agentctl/contract'
import type { ConformanceTarget } from '@agentctl/contract/testing'
import { systemClock } from '../../src/effects/clock.ts'
import { systemRandom as random } from '../../src/effects/random.ts'

export interface LiveOptions {
  /** A pool's spec, of the cheapest machines. */
  readonly spec: unknown
  /** The config's section of the provider. */
  readonly settings: unknown
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The provider on whatever cloud the environment's credentials are for. Nothing can be made to fail there, so cases
 * that need a fault are left out by name; and what is left is asked of the provider's own list, by a provider opened
 * anew, since no other eye is there.
 */
export async function liveTarget(
  module: ProviderModule,
  { spec, settings, env }: LiveOptions,
): Promise<ConformanceTarget> {
  const log = { debug() {}, info() {}, warn: (text: string) => void process.stderr.write(`${text}\n`) }
  const open = (owner: string) => module.open({ owner, settings, clock: systemClock, random, log, env })
  const { guests } = (await open('c-look')).capabilities
  return {
    name: `${module.name}, live`,
    open,
    spec,
    clock: systemClock,
    launchWithinMs: 180_000,
    goneWithinMs: 900_000,
    caseTimeoutMs: 1_800_000,
    outOfBand: { left: async owner => leftIn(await open(owner), spec) },
    ...(guests[0] === 'linux' && { userData: shortLived }),
  }
}

/** A run that is cut off leaves machines that power themselves off. */
function shortLived(marker: string): Uint8Array {
  return gzipSync(`#!/bin/bash\necho "${marker}"\nsleep 1800\npoweroff\n`)
}

async function leftIn(provider: Provider, raw: unknown): Promise<readonly string[]> {
  const { log, signal } = { log: { debug() {}, info() {}, warn() {} }, signal: new AbortController().signal }
  const left: string[] = []
  for (const scope of provider.scopes([provider.parseSpec(raw)])) {
    const call = { signal, log, deadlineMs: systemClock.now() + 60_000 }
    for await (const { kind, id, state } of provider.list(scope, {}, call))
      if (state !== 'terminated') left.push(`${kind} ${id}`)
  }
  await provider.close()
  return left
}
