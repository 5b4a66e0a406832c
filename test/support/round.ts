import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Hub, type HubOptions, startHub } from '@agentctl/plugin-devkit'
import { type Home, newHome } from './cli.ts'

/** A hub in this process, and a home whose environment points at it. */
export interface Round extends AsyncDisposable {
  readonly hub: Hub
  readonly home: Home
}

export async function newRound(options: HubOptions = {}, env: Record<string, string> = {}): Promise<Round> {
  const hub = await startHub({ knobs: { syncMs: 100 }, ...options })
  const home = newHome({
    SEMAPHORE_AGENT_ENDPOINT: hub.endpoint,
    SEMAPHORE_AGENT_NO_HTTPS: 'true',
    SEMAPHORE_AGENT_TOKEN: hub.token,
    SEMAPHORE_API_TOKEN: hub.apiToken,
    AGENTCTL_AGENT_TYPE: hub.agentType,
    AGENTCTL_PROVIDER: 'local',
    ...env,
  })
  return {
    hub,
    home,
    async [Symbol.asyncDispose]() {
      await hub.close()
      home[Symbol.dispose]()
    },
  }
}

/** Folders of instances that are still there. */
export function instanceFolders({ home }: Round): readonly string[] {
  return globSync(join(home.folder, 'state/agentctl/local/*/launches/*/*/'))
}

/** Processes of this machine whose environment names this home: whatever an instance has left running. */
export function processesOf({ home }: Pick<Round, 'home'>): readonly number[] {
  return globSync('/proc/[0-9]*/environ').flatMap(file => {
    try {
      return readFileSync(file, 'utf8').includes(home.folder) ? [Number(file.split('/')[2])] : []
    } catch {
      return []
    }
  })
}

export function jobs(count: number, ...commands: readonly string[]) {
  return Array.from({ length: count }, (_, at) => ({ name: `job ${at}`, commands: [...commands] }))
}
