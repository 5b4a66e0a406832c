import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { framesOf } from './screen.ts'
import { svgOf } from './svg.ts'

describe('the picture of a run', () => {
  it('has what a terminal shows, moment by moment', () => {
    const frames = framesOf([
      { atMs: 0, text: '$ agentctl\r\n' },
      { atMs: 5, text: '\x1b[?25l' },
      { atMs: 10, text: 'one\r\ntwo\r\n' },
      { atMs: 20, text: '\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[Gdone\r\n' },
      { atMs: 30, text: 'a long line\r\x1b[2G\x1b[K\r\n' },
    ])
    expect(frames).toEqual([
      { atMs: 0, lines: ['$ agentctl'] },
      { atMs: 10, lines: ['$ agentctl', 'one', 'two'] },
      { atMs: 20, lines: ['$ agentctl', 'done'] },
      { atMs: 30, lines: ['$ agentctl', 'done', 'a'] },
    ])
  })

  it('shows each moment in its time, and the last to who wants nothing to move', () => {
    const svg = svgOf('<run>', [
      { atMs: 0, lines: ['a & b'] },
      { atMs: 4_000, lines: ['c'] },
    ])
    expect(svg).toContain('<title>&lt;run&gt;</title>')
    expect(svg).toContain('>a &amp; b</text>')
    expect(svg).toContain('@keyframes m0{0.00%{visibility:visible}40.00%{visibility:hidden}}')
    expect(svg).toContain(
      '@keyframes m1{0%{visibility:hidden}40.00%{visibility:visible}100%{visibility:visible}}',
    )
    expect(svg).toContain('g{visibility:hidden}g:last-of-type{visibility:visible}')
  })

  it('is there, of a run that left nothing behind', () => {
    const svg = readFileSync(new URL('../../docs/images/provision.svg', import.meta.url), 'utf8')
    expect(svg.slice(svg.lastIndexOf('<g '))).toContain('Nothing is left behind.')
  })
})
