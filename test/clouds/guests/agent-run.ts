import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { agentPath } from '@agentctl/plugin-devkit'

/** What the agent's log has told, each once. */
export type Sign = 'registered' | 'refused' | 'unregistered' | 'job'

/** In the agent's own words; see src/bootstrap/linux/agent-log.ts. */
const signs: readonly (readonly [RegExp, Sign])[] = [
  [/Starting to poll for jobs/, 'registered'],
  [/job not available|quota|register.* 429|can't be registered/, 'refused'],
  [/failed to register agent/, 'unregistered'],
  [/Running job/, 'job'],
]

export interface AgentRun {
  readonly child: ChildProcess
  readonly ended: Promise<{
    readonly code: number | null
    readonly signs: ReadonlySet<Sign>
    readonly lastLine: string
  }>
}

/** One run of the stand-in agent, a process of its own, with its home in the guest's folder. */
export async function runAgent(
  config: string,
  folder: string,
  onSign: (sign: Sign) => void,
): Promise<AgentRun> {
  const file = join(folder, 'config.yml')
  await writeFile(file, config, { mode: 0o600 })
  const child = spawn(process.execPath, [agentPath, 'start', '--config-file', file], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: folder,
      SEMAPHORE_AGENT_LOG_FILE_PATH: join(folder, 'agent.log'),
      AGENTCTL_DEV_AGENT_TIME_SCALE: '0.1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seen = new Set<Sign>()
  let lastLine = ''
  createInterface({ input: child.stdout }).on('line', line => {
    lastLine = line
    for (const [words, sign] of signs) {
      if (!words.test(line) || seen.has(sign)) continue
      seen.add(sign)
      onSign(sign)
    }
  })
  const ended = new Promise<Awaited<AgentRun['ended']>>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, signs: seen, lastLine }))
    // A daemon of its job may hold the log open.
    child.on('exit', code => setTimeout(() => resolve({ code, signs: seen, lastLine }), 200))
  })
  return { child, ended }
}
