import { isContractError } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { assemble } from '../../../src/config/assemble.ts'
import { noDocument, parseConfig } from '../../../src/config/document.ts'

const needs = { needsEndpoint: false, needsPools: false }
const names = { userName: 'ci', hostName: 'host' }

const inFile = (text: string) =>
  assemble({
    document: parseConfig(`coordinator: ${JSON.stringify(text)}`, 'agentctl.yml'),
    file: 'agentctl.yml',
    flags: {},
    env: {},
    ...names,
    ...needs,
  })
const given = (flags: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  assemble({ document: noDocument, flags, env, ...names, ...needs })

function refusalOf(attempt: () => unknown): { readonly message: string; readonly all: string } {
  try {
    attempt()
  } catch (error) {
    if (!isContractError(error)) throw error
    return { message: error.problems?.[0]?.message ?? '', all: JSON.stringify(error) + error.message }
  }
  throw new Error('it was accepted')
}

describe('an address of a coordinator', () => {
  it.each([
    'postgres://db.example/agentctl',
    'postgres://agentctl@db.example:5432/agentctl?sslmode=verify-full',
    'postgres://one.example:5432,two.example:5432/agentctl?target_session_attrs=read-write',
    'postgresql:///agentctl?host=/run/postgresql',
  ])('may be written down without a password: %s', address => {
    expect(inFile(address).settings.coordinator).toEqual({ kind: 'address', address })
    expect(given({ coordinator: address }).settings.coordinator).toEqual({ kind: 'address', address })
  })

  it.each([
    'postgres://me:hush-hush@db.example/ci',
    'postgres://me:hush-hush/+@db.example/ci',
    'postgres://me:hush?-hush@db.example/ci',
    'postgres://m@e:hush-hush@db.example/ci',
    'postgres://me@db.example/ci?password=hush-hush',
    'postgres://me@db.example/ci?sslmode=require&sslpassword=hush-hush',
  ])('is refused with one, which is not repeated: %s', address => {
    for (const attempt of [() => inFile(address), () => given({ coordinator: address })]) {
      const { message, all } = refusalOf(attempt)
      expect(message).toMatch(/^holds a password.*env:AGENTCTL_COORDINATOR_URL.*PGPASSWORD/)
      expect(all).not.toMatch(/hush/)
    }
  })

  it.each(['host=db.example password=hush-hush', 'db.example', 'env:not a name', 'postgres://'])(
    'is refused where it is none: %s',
    text => {
      const { message, all } = refusalOf(() => inFile(text))
      expect(message).toMatch(/^must be an address such as/)
      expect(all).not.toMatch(/hush/)
    },
  )

  it('may be behind a reference', () => {
    expect(inFile('env:DATABASE').settings.coordinator).toEqual({
      kind: 'reference',
      ref: { scheme: 'env', name: 'DATABASE', text: 'env:DATABASE' },
    })
  })
})

describe('AGENTCTL_COORDINATOR', () => {
  it('may hold the password, and then only its name goes on', () => {
    const { settings, explained } = given(
      {},
      { AGENTCTL_COORDINATOR: 'postgres://me:hush-hush@db.example/ci' },
    )
    expect(settings.coordinator).toMatchObject({ ref: { scheme: 'env', name: 'AGENTCTL_COORDINATOR' } })
    expect(explained.find(({ key }) => key === 'coordinator')).toEqual({
      key: 'coordinator',
      value: 'env:AGENTCTL_COORDINATOR',
      source: 'variable',
      where: 'AGENTCTL_COORDINATOR',
    })
  })

  it('may hold what a file may, and goes over the file and under the flag', () => {
    const env = { AGENTCTL_COORDINATOR: 'postgres://db.example/ci' }
    expect(given({}, env).settings.coordinator).toMatchObject({ address: 'postgres://db.example/ci' })
    expect(given({ coordinator: 'file:/f' }, env).settings.coordinator).toMatchObject({
      ref: { text: 'file:/f' },
    })
  })
})
