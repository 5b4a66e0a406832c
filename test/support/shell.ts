import { spawn } from 'node:child_process'
import type { Home } from './cli.ts'

/** A line of a page, run as a person would, in a home; both streams, colours off. */
export function sh(
  home: Home,
  line: string,
  cwd = home.folder,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn('bash', ['-c', line], {
    cwd,
    env: { ...home.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += text
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, output }))
  })
}
