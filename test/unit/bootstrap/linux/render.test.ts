import { spawnSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LinuxBootstrap, linuxParts, linuxUserData } from '../../../../src/bootstrap/linux/index.ts'
import { full, minimal } from './inputs.ts'

const rendered = (bootstrap: LinuxBootstrap) => {
  const [boothook, main] = linuxParts(bootstrap)
  return { boothook: boothook?.text ?? '', main: main?.text ?? '' }
}

const syntaxOf = (shell: 'sh' | 'bash', text: string) =>
  spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' })

describe.each([
  ['minimal', minimal],
  ['full', full],
])('the %s user data', (name, bootstrap) => {
  it('is as it was when somebody last looked', async () => {
    const { boothook, main } = rendered(bootstrap)
    await expect(boothook).toMatchFileSnapshot(`golden/${name}.boothook.sh`)
    await expect(main).toMatchFileSnapshot(`golden/${name}.main.sh`)
  })

  it('is shell that parses', () => {
    const { boothook, main } = rendered(bootstrap)
    expect(syntaxOf('sh', boothook)).toMatchObject({ status: 0, stderr: '' })
    expect(syntaxOf('bash', main)).toMatchObject({ status: 0, stderr: '' })
  })

  it('is printable ASCII and fits the smallest limit, 16 KiB of EC2', () => {
    const packed = linuxUserData(bootstrap)
    expect(packed.byteLength).toBeLessThan(16_384)
    expect(gunzipSync(packed).toString('latin1')).toMatch(/^[\t\n\x20-\x7e]+$/)
  })

  it('has no date, no host and no chance in it', () => {
    const packed = linuxUserData(bootstrap)
    expect(packed).toEqual(linuxUserData(structuredClone(bootstrap)))
    expect([...packed.slice(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255])
  })
})

it('a multi-part message, the boothook first', () => {
  const text = gunzipSync(linuxUserData(minimal)).toString()
  expect(
    text.startsWith('Content-Type: multipart/mixed; boundary="==agentctl-0=="\nMIME-Version: 1.0\n\n'),
  ).toBe(true)
  expect(text.indexOf('text/cloud-boothook')).toBeLessThan(text.indexOf('text/x-shellscript'))
  expect(text.endsWith('\n--==agentctl-0==--\n')).toBe(true)
})

it('a text that holds the boundary gets another one', () => {
  const text = gunzipSync(linuxUserData({ ...minimal, before: 'echo ==agentctl-0==' })).toString()
  expect(text).toContain('boundary="==agentctl-1=="')
})

it('the timers are the first thing that can fail', () => {
  const { boothook } = rendered(minimal)
  const firstTimer = boothook.indexOf('\narm ttl')
  for (const later of ['\nmachine_id()', '\nneed ', '\nmark ']) {
    expect(boothook.indexOf(later)).toBeGreaterThan(firstTimer)
  }
})

it('deadlines: boot and agent together, the soft stop one grace period and its slack before the end', () => {
  const { boothook, main } = rendered(full)
  expect(boothook).toContain('arm ttl on-boot=90000 ')
  expect(boothook).toContain('arm boot-deadline on-boot=900 ')
  expect(boothook).toContain('arm soft-stop on-boot=89840 ')
  expect(main).toContain('TimeoutStopSec=160\n')
})

it('a life shorter than its stop is still stopped softly first', () => {
  const { boothook } = rendered({ ...minimal, timeouts: { bootMs: 1, agentMs: 1, totalMs: 60_000 } })
  expect(boothook).toContain('arm soft-stop on-boot=30 ')
})

it('a command of a timer has nothing in it that systemd would read', () => {
  const armed = rendered(full)
    .boothook.split('\n')
    .filter(line => line.startsWith('arm '))
  expect(armed).toHaveLength(3)
  for (const line of armed) expect(line.replace(/ \|\| fault=\S+$/, '')).not.toMatch(/[;$%\\"{}]/)
})

it('the token stands once, in an assignment that is not exported', () => {
  const { boothook, main } = rendered(minimal)
  expect(boothook).not.toContain('the-token')
  expect(main.split('the-token')).toHaveLength(2)
  expect(main).toMatch(/^common_config='endpoint:/m)
  expect(main).not.toMatch(/export .*config/)
})

it('a token that is delivered apart is not in the user data', () => {
  expect(gunzipSync(linuxUserData(full)).toString()).not.toContain('the-token')
})

it('a NUL is refused where a shell cannot hold it, and travels in a file', () => {
  expect(() => linuxUserData({ ...minimal, before: 'echo \0' })).toThrow(RangeError)
  const files = [{ path: '/a', content: 'a\0b', mode: '0644' }]
  expect(rendered({ ...minimal, files }).main).toContain(Buffer.from('a\0b').toString('base64'))
})

it('no text of a user breaks the scripts', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 }).map(value => value.replaceAll('\0', ''))
  const odd = fc.oneof(
    text,
    fc.constantFrom('\nAGENTCTL_FILE\n', '\nAGENTCTL_EOF\n', "'", '$(false)', '\\', '\r\n'),
  )
  fc.assert(
    fc.property(odd, odd, odd, (before, hook, variable) => {
      const agent = { ...minimal.basis.agent, 'env-vars': [variable], 'post-job-hook-path': hook }
      const { main } = rendered({
        ...minimal,
        basis: { ...minimal.basis, agent },
        before,
        hold: { forMs: 1000 },
        shutdownHook: { path: hook },
        proxy: { url: hook, except: [before] },
        files: [{ path: hook, content: before, mode: '0644' }],
      })
      expect(main).toMatch(/^[\t\n\x20-\x7e]+$/)
      expect(syntaxOf('bash', main)).toMatchObject({ status: 0, stderr: '' })
    }),
    { numRuns: 40 },
  )
})
