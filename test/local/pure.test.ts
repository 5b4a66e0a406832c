import { hasCode } from '@agentctl/contract'
import { expect, test } from 'vitest'
import { errorTable, toContractError } from '../../plugins/local/src/errors.ts'
import { instanceId, parseInstanceId } from '../../plugins/local/src/paths.ts'
import { cleanEnvironment, parseSettings, stateRoot } from '../../plugins/local/src/settings.ts'
import { parseSpec, specSchema } from '../../plugins/local/src/spec.ts'
import { type Facts, judge } from '../../plugins/local/src/state.ts'
import { launchId } from './support.ts'

const codes = {
  ENOSPC: 'capacity-unavailable',
  EDQUOT: 'capacity-unavailable',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EROFS: 'permission-denied',
  EAGAIN: 'capacity-unavailable',
  EMFILE: 'capacity-unavailable',
  ENFILE: 'capacity-unavailable',
  ENOMEM: 'capacity-unavailable',
} as const

test.each(Object.entries(codes))('%s is %s, and says what to do', (number, code) => {
  const cause = Object.assign(new Error(`${number}: no, mkdir '/somewhere'`), { code: number })
  const error = toContractError(cause, 'launch of abc')
  expect(error).toMatchObject({ code, cause, fault: cause.message })
  expect(error.message).toMatch(/^launch of abc failed: /)
  expect(error.hint).toMatch(/\.$/)
})

test('every row has a test, and what has no row is internal', () => {
  expect(Object.keys(errorTable).sort()).toEqual(Object.keys(codes).sort())
  expect(toContractError(new Error('odd'), 'list')).toMatchObject({
    code: 'internal',
    message: 'list failed: odd',
  })
  expect(toContractError('odd', 'list')).toMatchObject({ code: 'internal', fault: 'odd' })
})

const facts: Facts = { host: 'none', isStartable: true, isBereft: false, createdAt: 1000, stopAskedAt: 0 }
const ended = { exitCode: 0, signal: null, reason: 'exited', at: 5 } as const

test.each<[Partial<Facts>, number, string]>([
  [{}, 60_999, 'pending'],
  [{}, 61_000, 'failed'],
  [{ isStartable: false }, 1000, 'failed'],
  [{ isBereft: true }, 3999, 'pending'],
  [{ isBereft: true }, 4000, 'failed'],
  [{ host: 'alive' }, 1e9, 'running'],
  [{ host: 'alive', stopAskedAt: 7 }, 1e9, 'stopping'],
  [{ host: 'dead' }, 1000, 'failed'],
  [{ host: 'elsewhere' }, 1000, 'unknown'],
  [{ host: 'dead', ended }, 1000, 'stopped'],
  [{ host: 'alive', ended }, 1000, 'stopping'],
])('%o at %i reads %s', (change, now, state) => {
  expect(judge({ ...facts, ...change }, now).state).toBe(state)
})

test('ids are read back, and nothing else is an id', () => {
  const name = { launchId: launchId(), index: 12 }
  expect(parseInstanceId(instanceId(name))).toEqual(name)
  for (const id of [
    '',
    'x.0',
    `${name.launchId}`,
    `${name.launchId}.01`,
    `${name.launchId}.-1`,
    `${name.launchId}.0/..`,
  ]) {
    expect(parseInstanceId(id)).toBeUndefined()
  }
})

test('a spec is read, and every problem is told at once', () => {
  expect(parseSpec({})).toEqual({ env: {}, stopGraceMs: 5000 })
  expect(parseSpec({ env: { A: '1' }, 'stop-grace': '2m' })).toEqual({
    env: { A: '1' },
    stopGraceMs: 120_000,
  })
  const raw = { env: { '1A': 'x', AGENTCTL_RUN: 'x', B: 3 }, 'stop-grace': '11m', region: 'x' }
  expect(problemsOf(() => parseSpec(raw))).toEqual([
    { path: 'spec.env.1A', message: 'is no name of an environment variable' },
    { path: 'spec.env.AGENTCTL_RUN', message: 'is set by agentctl itself' },
    { path: 'spec.env.B', message: expect.stringContaining('string') },
    { path: 'spec.stop-grace', message: 'is more than 10m' },
    { path: 'spec.region', message: 'is not a known key' },
  ])
  expect(Object.keys(specSchema.properties ?? {})).toEqual(['env', 'stop-grace'])
})

test('settings are checked', () => {
  expect(parseSettings(undefined)).toEqual({ isolation: 'auto' })
  expect(problemsOf(() => parseSettings({ isolation: 'vm', size: 1 })).map(({ path }) => path)).toEqual([
    'providers.local.isolation',
    'providers.local.size',
  ])
})

test('the state folder comes from the environment, the first that names one', () => {
  const env = { AGENTCTL_LOCAL_DIR: '/a', XDG_STATE_HOME: '/b', HOME: '/c' }
  expect(stateRoot(env)).toBe('/a')
  expect(stateRoot({ ...env, AGENTCTL_LOCAL_DIR: undefined })).toBe('/b/agentctl/local')
  expect(stateRoot({ HOME: '/c' })).toBe('/c/.local/state/agentctl/local')
  for (const bad of [{}, { HOME: '' }, { AGENTCTL_LOCAL_DIR: 'here' }]) {
    expect(() => stateRoot(bad)).toThrow(/state folder/)
  }
  expect(cleanEnvironment({ SECRET: 'x' })).toEqual({
    PATH: expect.any(String),
    LANG: 'C.UTF-8',
    USER: 'nobody',
  })
})

function problemsOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (hasCode(error, 'invalid-spec')) return error.problems ?? []
    throw error
  }
  throw new Error('nothing was thrown')
}
