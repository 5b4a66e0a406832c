import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/cli.ts'
import { openTerminal } from '../support/tmux.ts'
import { busyRound } from './busy.ts'
import { svgOf } from './svg.ts'

const size = { columns: 110, rows: 40 }

/** The live table of `provision` with machines in several phases, and what it leaves. */
export async function terminalPictures(folder: string): Promise<void> {
  await using round = await busyRound()
  using terminal = openTerminal(round.home, size, 'provision', '--concurrency', '16')
  let screen: readonly string[] = []
  await until(
    'machines come and go',
    () => {
      screen = terminal.screen(true)
      const text = screen.join('\n')
      return /[2-9]\d done/.test(text) && /online/.test(text) && /held for/.test(text)
    },
    300_000,
  )
  writeFileSync(
    join(folder, 'terminal-provision.svg'),
    svgOf(screen, size.columns, 'The live table of provision, with 200 jobs'),
  )
  await until('it is over', terminal.isOver, 600_000)
  const left = terminal.screen().filter(line => !line.startsWith('Pane is dead'))
  writeFileSync(join(folder, 'terminal-summary.svg'), svgOf(left, size.columns, 'What provision leaves'))
}
