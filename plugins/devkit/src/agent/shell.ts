import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { splitAtMark } from './marks.ts'

/** One login shell for a whole job: what a command exports, the next one sees. */
export interface Shell {
  /** Exit code of the command. A shell that dies under it (`exit`, `set -e`) counts as 1, and so does all that follows. */
  run(command: string, onOutput: (text: string) => void): Promise<number>
  /** SIGTERM for the job's process group, SIGKILL for what is left after the given time. */
  terminate(graceMs: number): void
  /** Ends the shell alone: what the job left in the background goes on. */
  close(): Promise<void>
}

/**
 * Starts `bash --login` in a session of its own, in the home directory, with the agent's environment.
 * The real agent gives it a terminal (semaphoreci/agent pkg/shell/shell.go, 2026-02); here it is a pipe, so nothing is
 * interactive and commands read an empty standard input.
 */
export function startShell(): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-job-'))
  const mark = `\u0001${randomBytes(8).toString('hex')} `
  const child = spawn('bash', ['--login'], {
    detached: true,
    cwd: '/',
    env: { ...process.env, HOME: process.env.HOME ?? homedir() },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let dead = false
  let ending: Promise<void> | undefined
  let pending = ''
  let counter = 0
  let current: { onOutput: (text: string) => void; done: (code: number) => void } | undefined

  const finish = (code: number) => {
    const { done } = current ?? {}
    current = undefined
    done?.(code)
  }
  const take = (text: string) => {
    const found = splitAtMark(pending + text, mark)
    pending = found.rest
    if (found.output !== '') current?.onOutput(found.output)
    if (found.code !== undefined) finish(found.code)
  }
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8')
    stream.on('data', (chunk: Buffer) => take(decoder.write(chunk)))
    stream.on('error', () => undefined)
  }
  child.stdin.on('error', () => undefined)
  const die = () => {
    if (dead) return
    dead = true
    // What the shell wrote last may still be in the pipe, which a daemon of the job can hold open for ever.
    setTimeout(() => {
      if (pending !== '') current?.onOutput(pending)
      pending = ''
      finish(1)
      rmSync(folder, { recursive: true, force: true })
    }, 50)
  }
  child.on('error', die)
  child.on('exit', die)
  child.stdin.write('exec 2>&1\ncd ~\n')

  return {
    run: (command, onOutput) =>
      new Promise(resolve => {
        if (dead) return resolve(1)
        const file = join(folder, `command-${++counter}`)
        writeFileSync(file, command)
        current = { onOutput, done: resolve }
        child.stdin.write(
          `source ${file} </dev/null; AGENT_CMD_RESULT=$?; printf '\\001%s %d\\001' '${mark.trim().slice(1)}' "$AGENT_CMD_RESULT"; (exit $AGENT_CMD_RESULT)\n`,
        )
      }),
    terminate: graceMs => {
      signalGroup(child.pid, 'SIGTERM')
      ending = endGroup(child.pid, graceMs)
    },
    close: async () => {
      // The shell may die of the SIGTERM at once, and what it ran live on: the agent must not leave before that is over.
      await ending
      if (!dead) child.kill('SIGKILL')
      for (const stream of [child.stdout, child.stderr, child.stdin]) stream.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until nothing is left of the group, at most for the grace; what is left then gets SIGKILL. */
async function endGroup(pid: number | undefined, graceMs: number): Promise<void> {
  for (let waited = 0; waited < graceMs && signalGroup(pid, 0); waited += 20) await sleep(20)
  signalGroup(pid, 'SIGKILL')
}

/** False when there is no such group, or no more. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}
