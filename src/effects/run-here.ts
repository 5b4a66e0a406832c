import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import process from 'node:process'
import { contractError } from '@agentctl/contract'

/** Runs a command on this terminal; its exit code, as a shell gives it. @throws `invalid-spec` where there is none */
export async function runHere([program = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit' })
  // Ctrl-C is the command's; this process waits for what comes of it.
  process.on('SIGINT', ignored)
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', cause => {
      const hint = 'Install it, or run the printed command elsewhere: without --run it is printed.'
      reject(contractError('invalid-spec', `${program} cannot be run: ${cause.message}`, { cause, hint }))
    })
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
  })
  return await ended.finally(() => process.off('SIGINT', ignored))
}

function ignored(): void {}
