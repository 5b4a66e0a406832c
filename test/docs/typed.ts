import type { Home } from '../support/cli.ts'
import { sh } from '../support/shell.ts'
import type { Act } from './blocks.ts'

/** What a page says, and what it is in a test. */
export type Words = Readonly<Record<string, string>>

export interface Typed {
  readonly script: string
  readonly expected?: string
  /** Both streams. */
  readonly output: string
}

const mark = '\u001e'

export function worded(text: string, words: Words): string {
  return Object.entries(words).reduce((whole, [from, to]) => whole.replaceAll(from, () => to), text)
}

/** Types a page's commands in one shell, as a person would who reads it; stops at the first that fails. */
export async function typePage(
  home: Home,
  acts: readonly Act[],
  words: Words,
): Promise<{ readonly code: number | null; readonly typed: readonly Typed[] }> {
  const real = (text: string) => worded(text, words)
  const lines = acts.map(act =>
    act.do === 'write'
      ? `cat >${act.file} <<'END OF THE FILE'\n${real(act.text)}END OF THE FILE\n`
      : `printf '${mark}'\n${real(act.script)}`,
  )
  const { code, output } = await sh(home, `exec 2>&1\nset -eo pipefail\n${lines.join('\n')}`)
  const outputs = output.split(mark).slice(1)
  const commands = acts.filter(act => act.do === 'type')
  return { code, typed: outputs.map((said, at) => ({ script: '', ...commands[at], output: said })) }
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Lines of what a page shows that its command did not say, in their order; `…` stands for anything. */
export function unsaid({ expected = '', output }: Typed): readonly string[] {
  const said = output.split('\n').map(line => line.trim().replaceAll(/\s+/g, ' '))
  let from = 0
  return expected.split('\n').flatMap(line => {
    const wanted = line.trim().replaceAll(/\s+/g, ' ')
    if (wanted === '' || wanted === '…') return []
    const pattern = new RegExp(`^${wanted.split('…').map(escaped).join('.*')}$`)
    const found = said.findIndex((one, at) => at >= from && pattern.test(one))
    if (found < 0) return [line]
    from = found + 1
    return []
  })
}
