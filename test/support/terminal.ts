import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandOf, type Home, type Running, until } from './cli.ts'

const quoted = (word: string) => `'${word}'`

/** What an interactive shell does: it hands on that its terminal is gone. Then it writes down how the command ended. */
const shell = (command: string, file: string) =>
  `stty cols 120 rows 40; trap 'kill -HUP $!' HUP; ${command} &
  while wait $!; code=$?; kill -0 $! 2>/dev/null; do :; done; echo $code >${file}`

/** The command on a terminal of its own, which is closed when the child is killed. */
export function startOnTerminal(home: Home, ...args: readonly string[]): Running {
  const file = join(home.folder, 'exit-code')
  const command = commandOf(home, args).map(quoted).join(' ')
  const child = spawn('script', ['-qec', shell(command, file), '/dev/null'], {
    cwd: home.folder,
    env: { ...home.env, TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', part => {
    text += part
  })
  const code = () => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '')
  const closed = new Promise(resolve => child.on('close', resolve))
  const ended = async () => {
    await closed
    await until('the command on the terminal has ended', () => code() !== '', 60_000)
    return { code: Number(code()), signal: null, stdout: text, stderr: '' }
  }
  return { child, output: () => text, ended: ended() }
}

/** The command on a terminal, with a person who answers its question; both streams come as one. */
export async function answerOnTerminal(
  home: Home,
  answer: string,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly text: string }> {
  const command = commandOf(home, args).map(quoted).join(' ')
  const child = spawn('script', ['-qec', `stty cols 200; ${command}`, '/dev/null'], {
    cwd: home.folder,
    env: { ...home.env, TERM: 'xterm' },
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', part => {
    text += part
    if (text.includes('[y/N]') && child.stdin.writable) child.stdin.end(`${answer}\n`)
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { code, text }
}
