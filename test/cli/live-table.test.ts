import { describe, expect, it } from 'vitest'
import { until } from '../support/cli.ts'
import { jobs, newRound } from '../support/round.ts'
import { hasTmux, openTerminal, type Terminal } from '../support/tmux.ts'

const counts = /\d+ done, \d+ under way, \d+ waiting, \d+ failed; \d+ instances/g
const found = (lines: readonly string[], what: RegExp) => lines.join('\n').match(what)?.length ?? 0

/** Every screen that was seen while the command ran. */
async function watched(terminal: Terminal): Promise<readonly (readonly string[])[]> {
  const screens: (readonly string[])[] = []
  await until(
    'it is over',
    () => {
      screens.push(terminal.screen())
      return terminal.isOver()
    },
    60_000,
  )
  return screens
}

describe.skipIf(!hasTmux)('the live table of provision, in a real terminal', () => {
  it('is drawn over itself as machines come and go, and leaves the summary', async () => {
    await using round = await newRound({ jobs: [...jobs(2, 'sleep 2'), ...jobs(2, 'sleep 4')] })
    using terminal = openTerminal(round.home, { columns: 120, rows: 30 }, 'provision', '--concurrency', '3')

    const screens = await watched(terminal)

    const drawn = screens.filter(screen => found(screen, counts) > 0)
    expect(drawn.length).toBeGreaterThan(3)
    for (const screen of drawn) {
      expect(found(screen, counts), screen.join('\n')).toBe(1)
      expect(found(screen, /^INSTANCE /gm), screen.join('\n')).toBeLessThanOrEqual(1)
      expect(found(screen, /^\S+\.0 /gm), screen.join('\n')).toBeLessThanOrEqual(3)
    }
    expect(drawn.some(screen => /\bonline\b/.test(screen.join('\n')))).toBe(true)
    const all = terminal.all()
    expect(found(all, counts), all.join('\n')).toBe(0)
    expect(found(all, /Nothing is left behind\./g)).toBe(1)
    expect(found(all, /^Launching /gm), 'lines of the log stay above it').toBeGreaterThan(0)
  })

  it('is drawn rightly where its lines are longer than the terminal is wide', async () => {
    await using round = await newRound({ jobs: jobs(2, 'sleep 2') })
    using terminal = openTerminal(round.home, { columns: 44, rows: 40 }, 'provision')

    const screens = await watched(terminal)

    const oneLine = (lines: readonly string[]) => [lines.join('')]
    for (const screen of screens)
      expect(found(oneLine(screen), /under\s*way/g), screen.join('\n')).toBeLessThanOrEqual(1)
    expect(found(oneLine(terminal.all()), /under\s*way/g), terminal.all().join('\n')).toBe(0)
    expect(found(oneLine(terminal.all()), /Nothing is left behind/g)).toBe(1)
  })
})
