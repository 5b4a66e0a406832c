import { spawn } from 'node:child_process'
import type { Home } from './cli.ts'

export interface Said {
  readonly code: number | null
  /** Both streams. */
  readonly output: string
  readonly stdout: string
}

/** A line of a page, run as a person would, in a home; colours off. */
export function sh(home: Home, line: string, cwd = home.folder): Promise<Said> {
  const child = spawn('bash', ['-c', line], {
    cwd,
    env: { ...home.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let stdout = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += text
      if (stream === child.stdout) stdout += text
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ code, output, stdout }))
  })
}
