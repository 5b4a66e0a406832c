import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseFlatYaml } from '../../plugins/devkit/src/agent/flat-yaml.ts'

const key = fc.stringMatching(/^[a-z][a-z-]{0,8}$/)
const text = fc.oneof(
  fc.string(),
  fc.stringMatching(/^[\w./:=@+ -]{0,12}$/),
  fc.stringMatching(/^[0-9a-f]{1,8}$/),
  fc.uuid(),
  fc.stringMatching(/^[ -~]{0,6}$/).map(inner => `"${inner}"`),
  fc.stringMatching(/^[ -~]{0,6}$/).map(inner => `'${inner}'`),
  fc.constantFrom(
    '127.0.0.1:80',
    'null',
    '~',
    'yes',
    '0x1f',
    '1e3',
    '1:30',
    '2026-11-23',
    '.5',
    '-',
    'A=1',
    '/a b',
    '.inf',
    '- a',
  ),
)
const value = fc.oneof(text, fc.boolean(), fc.integer(), fc.array(text))

test('reads nothing otherwise than the real parser: what that writes', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value), content => {
      const written = stringify(content)
      const simple = parseFlatYaml(written)
      if (simple !== undefined) expect(Object.fromEntries(simple)).toEqual(parse(written) ?? {})
    }),
    { numRuns: 2000 },
  )
})

test('reads nothing otherwise than the real parser: lines at random', () => {
  const line = fc.oneof(
    fc.tuple(key, text).map(([name, word]) => `${name}: ${word}`),
    text.map(word => `- ${word}`),
    text.map(word => `  - ${word}`),
    key.map(name => `${name}:`),
    text,
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), lines => {
      const written = lines.join('\n')
      const simple = parseFlatYaml(written)
      if (simple !== undefined) expect(Object.fromEntries(simple)).toEqual(parse(written) ?? {})
    }),
    { numRuns: 20_000 },
  )
})

test('what an agent config usually holds is simple', () => {
  const config = {
    endpoint: 'acme.semaphoreci.com',
    token: '1a1b2c3d4e5f60718',
    name: 'agentctl-aws-0123456789',
    'no-https': false,
    'disconnect-after-job': true,
    'disconnect-after-idle-timeout': 300,
    'job-id': '11111111-2222-4333-8444-555555555555',
    'shutdown-hook-path': '/run/agentctl/hook.sh',
    'env-vars': ['SEMAPHORE_CACHE_BACKEND=s3', 'A=1'],
    files: [],
  }
  expect(parseFlatYaml(stringify(config))).toEqual(new Map<string, unknown>(Object.entries(config)))
})
