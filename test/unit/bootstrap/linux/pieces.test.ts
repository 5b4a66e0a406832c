import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutSecrets } from '../../../../src/bootstrap/linux/download.ts'
import { pinnedHosts } from '../../../../src/bootstrap/linux/known-hosts.ts'
import { deadlines } from '../../../../src/bootstrap/linux/timers.ts'
import { asciiQuoted } from '../../../../src/bootstrap/shell.ts'

describe('a word of bash in ASCII', () => {
  it('is what bash reads back, byte for byte', () => {
    const texts = fc.array(
      fc.string({ unit: 'binary', maxLength: 40 }).map(text => text.replaceAll('\0', '')),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    fc.assert(
      fc.property(texts, words => {
        const quoted = words.map(asciiQuoted)
        for (const word of quoted) expect(word).toMatch(/^[\t\n\x20-\x7e]+$/)
        const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${quoted.join(' ')}`])
        const wanted = words.map(word => new TextDecoder().decode(new TextEncoder().encode(word)))
        expect(stdout.toString('utf8').split('\0').slice(0, -1)).toEqual(wanted)
      }),
      { numRuns: 60 },
    )
  })

  it('stays legible where it can', () => {
    expect(asciiQuoted('plain "text"\nof two lines')).toBe(`'plain "text"\nof two lines'`)
    expect(asciiQuoted("it's ü")).toBe(`$'it\\'s \\303\\274'`)
  })

  it('cannot hold a NUL', () => {
    expect(() => asciiQuoted('a\0')).toThrow(RangeError)
  })
})

it.each([
  ['https://mirror/agent.tar.gz', 'https://mirror/agent.tar.gz'],
  ['https://me:secret@mirror/agent', 'https://mirror/agent'],
  ['https://mirror/agent?X-Amz-Signature=1#x', 'https://mirror/agent'],
  ['https://mirror/a@b', 'https://mirror/a@b'],
])('what the console shows of %s', (url, shown) => {
  expect(withoutSecrets(url)).toBe(shown)
})

it('deadlines are in order: soft stop, then the end', () => {
  const positive = fc.integer({ min: 2, max: 100_000 })
  fc.assert(
    fc.property(positive, positive, positive, positive, (boot, agent, total, stop) => {
      const ends = deadlines(boot, agent, total, stop)
      expect(ends.soft).toBeGreaterThan(0)
      expect(ends.soft).toBeLessThan(ends.total)
      expect(ends.boot).toBe(boot + agent)
    }),
  )
})

/**
 * SHA-256 fingerprints as published: GitHub "GitHub's SSH key fingerprints", GitLab "SSH host keys fingerprints",
 * Bitbucket "Configure SSH and two-step verification".
 */
const published = [
  ['github.com', 'ssh-ed25519', '+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU'],
  ['github.com', 'ecdsa-sha2-nistp256', 'p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM'],
  ['gitlab.com', 'ssh-ed25519', 'eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8'],
  ['gitlab.com', 'ecdsa-sha2-nistp256', 'HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw'],
  ['bitbucket.org', 'ssh-ed25519', 'ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM'],
  ['bitbucket.org', 'ecdsa-sha2-nistp256', 'FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0'],
]

it('the pinned host keys have the published fingerprints', () => {
  const pinned = pinnedHosts.map(line => {
    const [host, type, key = ''] = line.split(' ')
    const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64')
    return [host, type, digest.replace(/=+$/, '')]
  })
  expect(pinned).toEqual(published)
})
