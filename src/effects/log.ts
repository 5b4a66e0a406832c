import type { Log, LogFields } from '@agentctl/contract'

function line(message: string, fields: LogFields = {}): string {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined)
  return [message, ...shown.map(([name, value]) => `${name}=${value}`)].join(' ')
}

/** Lines for a person, on whatever `write` is; `debug` only when asked for. */
export function textLog(write: (line: string) => void, isVerbose: boolean): Log {
  return {
    debug: (message, fields) => isVerbose && write(line(message, fields)),
    info: (message, fields) => write(line(message, fields)),
    warn: (message, fields) => write(`warning: ${line(message, fields)}`),
  }
}
