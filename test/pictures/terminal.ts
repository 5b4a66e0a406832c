import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'
import { openTerminal } from '../support/tmux.ts'
import { svgOf } from './svg.ts'

const size = { columns: 110, rows: 40 }

/** The live table of `provision` with machines in several phases, and what it leaves. */
export async function terminalPictures(folder: string): Promise<void> {
  await using round = await newRound({
    jobs: [2, 3, 4, 5, 6, 7, 8, 9].flatMap(seconds => jobs(1, `sleep ${seconds}`)),
  })
  using terminal = openTerminal(round.home, size, 'provision', '--concurrency', '6')
  let screen: readonly string[] = []
  await until(
    'machines come and go',
    () => {
      screen = terminal.screen(true)
      const text = screen.join('\n')
      return /[1-9] done, [4-6] under way/.test(text) && /online/.test(text)
    },
    60_000,
  )
  writeFileSync(
    join(folder, 'terminal-provision.svg'),
    svgOf(screen, size.columns, 'The live table of provision'),
  )
  await until('it is over', terminal.isOver, 60_000)
  const left = terminal.all().filter(line => !line.startsWith('Pane is dead'))
  writeFileSync(join(folder, 'terminal-summary.svg'), svgOf(left, size.columns, 'What provision leaves'))
}
