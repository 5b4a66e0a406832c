import { spawn } from 'node:child_process'
import type { AgentLog } from './log.ts'
import type { ShutdownReason } from './protocol.ts'

/**
 * Runs the shutdown hook: `bash PATH`, the agent's environment plus the reason, no time limit. Its failure is logged
 * and changes nothing.
 * Source: semaphoreci/agent pkg/listener/job_processor.go executeShutdownHook, 2026-02.
 */
export async function runShutdownHook(path: string, reason: ShutdownReason, log: AgentLog): Promise<void> {
  if (path === '') return
  log.info(`Executing shutdown hook from ${path}`)
  const { failure, output } = await runBash(path, { ...process.env, SEMAPHORE_AGENT_SHUTDOWN_REASON: reason })
  if (failure === undefined) {
    log.info(`Output: ${output}`)
    return
  }
  log.error(`Error executing shutdown hook: ${failure}`)
  log.error(`Output: ${output}`)
}

function runBash(path: string, env: NodeJS.ProcessEnv): Promise<{ failure?: string; output: string }> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    const child = spawn('bash', [path], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const done = (failure?: string) => {
      const output = Buffer.concat(chunks).toString('utf8')
      resolve(failure === undefined ? { output } : { failure, output })
    }
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', error => done(error.message))
    child.on('close', (code, signal) => {
      if (signal !== null) done(`signal: ${signal}`)
      else done(code === 0 ? undefined : `exit status ${code}`)
    })
  })
}
