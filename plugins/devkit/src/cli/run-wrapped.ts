import { spawn } from 'node:child_process'
import { constants } from 'node:os'

export type WrappedEnd =
  | { readonly ok: true; readonly exitCode: number }
  | { readonly ok: false; readonly message: string }

/**
 * Runs a command in the terminal of this one and answers with its exit code, 128 + number after a signal. Signals are
 * passed on; Ctrl-C at a terminal reaches the command by itself, and must not reach it twice.
 */
export function runWrapped(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<WrappedEnd> {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  const forwarders = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(signal => {
    const forward = () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    process.on(signal, forward)
    return () => process.off(signal, forward)
  })
  return new Promise<WrappedEnd>(resolve => {
    child.on('error', error => resolve({ ok: false, message: `cannot run ${program}: ${error.message}` }))
    child.on('exit', (code, signal) =>
      resolve({ ok: true, exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) }),
    )
  }).finally(() => {
    for (const stop of forwarders) stop()
  })
}
