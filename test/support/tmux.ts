import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { commandOf, type Home } from './cli.ts'

/** Says so by name where it is not there; in CI it has to be. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0 || process.env.CI !== undefined

/** A command in a real terminal of this size, until it is disposed of; the terminal stays when the command has ended. */
export interface Terminal extends Disposable {
  /** What is on the screen now, lines without what is blank at their ends; with colours as escapes where asked for. */
  screen(withColours?: boolean): readonly string[]
  /** The same, with everything that has scrolled away. */
  all(): readonly string[]
  readonly isOver: () => boolean
  /** A key by its name, such as `C-c`. */
  press(key: string): void
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export function openTerminal(
  home: Home,
  { columns, rows }: TerminalSize,
  ...args: readonly string[]
): Terminal {
  const socket = `agentctl-${randomUUID()}`
  const tmux = (...words: readonly string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...words], {
      env: { ...home.env, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color' },
      cwd: home.folder,
      encoding: 'utf8',
    })
  const variables = Object.entries(home.env).map(([name, value]) => `${name}=${value}`)
  const command = [
    'env',
    '-i',
    ...variables,
    'TERM=tmux-256color',
    'LC_ALL=C.UTF-8',
    ...commandOf(home, args),
  ]
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'sleep 600')
  tmux('set-option', '-g', 'remain-on-exit', 'on')
  tmux('set-option', '-g', 'history-limit', '2000')
  tmux('respawn-pane', '-k', ...command)
  const captured = (...more: readonly string[]) =>
    tmux('capture-pane', '-p', ...more)
      .split('\n')
      .map(line => line.trimEnd())
  return {
    screen: (withColours = false) => captured(...(withColours ? ['-e'] : [])),
    all: () => captured('-S', '-'),
    press: key => void tmux('send-keys', key),
    isOver: () => tmux('display-message', '-p', '#{pane_dead}').trim() === '1',
    [Symbol.dispose]: () => void tmux('kill-server'),
  }
}
