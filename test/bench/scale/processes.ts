import { readdirSync, readFileSync } from 'node:fs'

/** Of /proc, on every Linux for x64 and arm64. */
const ticksPerSecond = 100

interface Stat {
  readonly parent: number
  /** Of the process and of its children that have ended. Unit: seconds. */
  readonly cpuS: number
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const ticks = fields.slice(11, 15).reduce((sum, one) => sum + one, 0)
    return { parent: fields[1] ?? 0, cpuS: ticks / ticksPerSecond }
  } catch {
    return undefined
  }
}

/** Processor time of a process with its children, from its start. Unit: seconds. */
export function cpuOf(pid: number): number {
  const own = statOf(pid)?.cpuS ?? 0
  const others = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  const children = others.map(name => statOf(Number(name))).filter(one => one?.parent === pid)
  return children.reduce((sum, one) => sum + (one?.cpuS ?? 0), own)
}

/** Highest resident memory so far. Unit: MB. */
export function peakMbOf(pid: number): number {
  const [, kb = '0'] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kb) / 1024
}
