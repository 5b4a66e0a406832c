import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { linuxParts } from '../../src/bootstrap/linux/index.ts'
import { full, minimal } from '../unit/bootstrap/linux/inputs.ts'

/** SC2154: variables come from the library and the settings, which are sourced. */
const leftOut = 'SC2154'

const isThere = spawnSync('shellcheck', ['--version']).status === 0
if (!isThere && process.env.CI) throw new Error('machine tests need shellcheck: see test/machines/setup.sh')

interface Script {
  readonly name: string
  readonly shell: string
  readonly text: string
}

/** A script and those that it writes. */
function withInner(name: string, shell: string, text: string): Script[] {
  const inner = text.matchAll(/^cat >(\S+) <<'(AGENTCTL_\w+)'\n(.*?\n)\2$/gms)
  const scripts = Array.from(inner, ([, path = '', , body = '']) => ({
    name: `${name}: ${path}`,
    shell: path.includes('lib.sh') || path.includes('/at-') || path.includes('second-boot') ? 'sh' : 'bash',
    text: body,
  }))
  return [{ name, shell, text }, ...scripts.filter(({ name: path }) => !path.endsWith('.service'))]
}

const scripts = Object.entries({ minimal, full }).flatMap(([name, bootstrap]) =>
  linuxParts(bootstrap).flatMap(({ type, text }) =>
    withInner(`${name} ${type}`, type === 'text/cloud-boothook' ? 'sh' : 'bash', text),
  ),
)

describe.skipIf(!isThere)('shellcheck', () => {
  it('sees every script', () => {
    expect(scripts.length).toBeGreaterThan(15)
  })

  it.each(scripts)('$name', ({ shell, text }) => {
    const args = ['--shell', shell, '--severity', 'warning', '--exclude', leftOut, '-']
    const { stdout } = spawnSync('shellcheck', args, { input: text, encoding: 'utf8' })
    expect(stdout).toBe('')
  })
})
