import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HubOptions } from '@agentctl/plugin-devkit'
import { stringify } from 'yaml'
import { putOnPath } from '../support/on-path.ts'
import { newRound, type Round } from '../support/round.ts'

/** A hub with jobs, and a home in which a person types: `agentctl` is on the PATH, the tokens are in the environment. */
export async function newDesk(hub: HubOptions = {}, env: Record<string, string> = {}): Promise<Round> {
  const round = await newRound(hub, env)
  putOnPath(round.home)
  // The pages say it.
  delete round.home.env.AGENTCTL_PROVIDER
  return round
}

export function writeYaml({ home }: Round, name: string, value: unknown): void {
  writeFileSync(join(home.folder, name), stringify(value))
}

/** How often each job ran, and how it ended. */
export function results({ hub }: Round): readonly string[] {
  return hub.jobs().map(({ result, runs }) => `${result} ${runs}`)
}

/** What the hub saw of one agent, in order. */
export function eventsOf({ hub }: Round, agent: string | undefined): readonly string[] {
  return hub.events().flatMap(event => ('agent' in event && event.agent === agent ? [event.event] : []))
}
