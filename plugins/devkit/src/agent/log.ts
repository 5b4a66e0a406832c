import { appendFileSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface AgentLog {
  debug(message: string): void
  info(message: string): void
  error(message: string): void
  /** What ends the agent; does not end it by itself. */
  fatal(message: string): void
  /** Lines carry the agent's name once there is one. */
  named(name: string): void
}

const levels = ['panic', 'fatal', 'error', 'warning', 'info', 'debug', 'trace'] as const
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export type LogLevel = (typeof levels)[number]

type Env = Readonly<Record<string, string | undefined>>

/** Undefined for a level that does not exist: the agent then does not start. */
export function logLevel(env: Env): LogLevel | undefined {
  const wanted = (env.SEMAPHORE_AGENT_LOG_LEVEL || 'info').toLowerCase()
  if (wanted === 'warn') return 'warning'
  return levels.find(level => level === wanted)
}

/**
 * Every line goes to the log file and to stdout: `Nov 23 18:11:41.123 NAME : message`, in UTC.
 * Source: semaphoreci/agent pkg/eventlogger/formatter.go, main.go getLogFilePath, 2026-02.
 */
export function openLog(env: Env, level: LogLevel): AgentLog {
  const path = env.SEMAPHORE_AGENT_LOG_FILE_PATH || join(tmpdir(), 'agent_log')
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'a', 0o644))
  let name = ''
  const write = (at: LogLevel, message: string) => {
    if (levels.indexOf(at) > levels.indexOf(level)) return
    const line = `${formatLine(new Date(), name, message)}\n`
    tryTo(() => appendFileSync(path, line))
    tryTo(() => writeSync(1, line))
  }
  return {
    debug: message => write('debug', message),
    info: message => write('info', message),
    error: message => write('error', message),
    fatal: message => write('fatal', message),
    named: given => {
      name = given
    },
  }
}

export function formatLine(at: Date, name: string, message: string): string {
  const day = String(at.getUTCDate()).padStart(2, ' ')
  const time = at.toISOString().slice(11, 23)
  return [`${months[at.getUTCMonth()]} ${day} ${time}`, ...(name === '' ? [] : [name]), ':', message].join(
    ' ',
  )
}

/** A full disk or a reader that went away is no reason to end a job. */
function tryTo(action: () => void): void {
  try {
    action()
  } catch {
    // There is nowhere left to say it.
  }
}
