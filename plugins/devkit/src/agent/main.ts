#!/usr/bin/env node
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readConfigFile } from './config-file.ts'
import { parseFlags, usageText } from './flags.ts'
import { logLevel, openLog } from './log.ts'
import { good, type Outcome } from './outcome.ts'
import { resolveSettings } from './resolve.ts'
import { agentTime } from './time.ts'
import { type StartPlan, validate } from './validate.ts'
import { agentVersion } from './version.ts'

/**
 * The stand-in agent as a program: `start` and `version`. An unknown subcommand ends with 0 in silence, as in the real
 * one. Answers with the exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  const [subcommand, ...rest] = args
  if (subcommand === 'version') {
    process.stdout.write(`${agentVersion}\n`)
    return 0
  }
  return subcommand === 'start' ? start(rest) : 0
}

async function start(args: readonly string[]): Promise<number> {
  const { env } = process
  const level = logLevel(env)
  const log = openLog(env, level ?? 'info')
  if (level === undefined) {
    log.fatal(`Log level ${env.SEMAPHORE_AGENT_LOG_LEVEL} not supported`)
    return 1
  }
  const plan = await planStart(args, env)
  if (plan.ok) {
    const { listen } = await import('./listener.ts')
    return listen({ plan: plan.value, log, time: agentTime(env) })
  }
  const { exitCode, message } = plan.refusal
  if (exitCode === 1) log.fatal(message)
  else process.stderr.write(`${message}\n${usageText('agent')}\n`)
  return exitCode
}

async function planStart(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Outcome<StartPlan>> {
  const flags = parseFlags(args)
  if (!flags.ok) return flags
  const path = flags.value.get('config-file')
  const file = typeof path === 'string' && path !== '' ? await readConfigFile(path) : good(new Map())
  if (!file.ok) return file
  return validate(resolveSettings({ flags: flags.value, env, file: file.value }), file.value.keys(), env)
}

function isProgram(): boolean {
  const [, script] = process.argv
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)
}

// A job's daemon may hold pipes open: the agent goes when it is done, whatever is left.
if (isProgram()) process.exit(await main(process.argv.slice(2)))
