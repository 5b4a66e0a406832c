import { describe, expect, it, test } from 'vitest'
import { parseAddress } from '../../plugins/postgres/src/address.ts'
import { errorTable } from '../../plugins/postgres/src/error-table.ts'
import { toContractError } from '../../plugins/postgres/src/errors.ts'

const address = parseAddress('postgres://agentctl:s3cret%21@db.example.com:6432/ci?sslmode=require')
const sql = (code: string, message = 'words of the database') => Object.assign(new Error(message), { code })

/** What databases, networks and the driver have said, row by row of the table. */
const rows: readonly (readonly [string, unknown, string])[] = [
  ['a wrong password', sql('28P01'), 'unauthenticated'],
  [
    'no password at all',
    new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
    'unauthenticated',
  ],
  ['a pooler', sql('08P01', 'unsupported startup parameter: statement_timeout'), 'unsupported'],
  ['no right', sql('42501'), 'permission-denied'],
  ['a standby', sql('25006'), 'unavailable'],
  ['a full disk', sql('53100'), 'unavailable'],
  ['no connection left', sql('53300'), 'unavailable'],
  ['no memory left', sql('53200'), 'unavailable'],
  ['a host that stood still', sql('25P03'), 'unavailable'],
  ['a statement that took too long', sql('57014'), 'unavailable'],
  ['a server that stops', sql('57P01'), 'unavailable'],
  ['a row that others hold', sql('55P03'), 'unavailable'],
  ['a deadlock', sql('40P01'), 'unavailable'],
  ['an i/o error', sql('58030'), 'unavailable'],
  ['no such database', sql('3D000'), 'invalid-spec'],
  ['tables that are gone', sql('42P01'), 'unavailable'],
  ['nobody listens', sql('ECONNREFUSED'), 'unavailable'],
  ['no such host', sql('ENOTFOUND'), 'unavailable'],
  ['a connection that was cut', sql('ECONNRESET'), 'unavailable'],
  ['a certificate of nobody', sql('SELF_SIGNED_CERT_IN_CHAIN'), 'unauthenticated'],
  ['a server without TLS', new Error('The server does not support SSL connections'), 'unauthenticated'],
  ['a silent server', new Error('Query read timeout'), 'unavailable'],
  ['a client that broke', new Error('Connection terminated unexpectedly'), 'unavailable'],
  ['a pool that was closed', new Error('Cannot use a pool after calling end on the pool'), 'unavailable'],
]

test.each(rows)('%s', (_, error, code) => {
  const found = toContractError(error, 'commit of a', address)
  expect(found.code).toBe(code)
  expect(found.message).toMatch(/^commit of a failed at the database ci on db\.example\.com:6432: ./)
})

test('each row of the table is met by a case', () => {
  const why = (error: unknown) => toContractError(error, 'x', address).message
  const met = rows.map(([, error]) => why(error))
  expect(errorTable.filter(row => !met.some(words => words.endsWith(row.why))).map(row => row.why)).toEqual(
    [],
  )
})

test('what no row fits is internal, in its own words', () => {
  expect(toContractError(sql('22012', 'division by zero'), 'x', address)).toMatchObject({
    code: 'internal',
    message: expect.stringContaining('division by zero'),
  })
})

test('the first of several addresses that were tried speaks for all', () => {
  const error = new AggregateError([sql('ECONNREFUSED'), sql('ENETUNREACH')])
  expect(toContractError(error, 'x', address).message).toContain('no database listens there')
})

test('what the database says of a password is not repeated', () => {
  const error = toContractError(sql('XX000', 'bad s3cret! and s3cret%21'), 'x', address)
  expect(JSON.stringify([error.message, error.fault, String(error.cause)])).not.toMatch(/s3cret/)
})

describe('an address', () => {
  it.each([
    ['postgres://u@h/db', 'the database db on h'],
    ['postgresql://u@h:1/db', 'the database db on h:1'],
    ['postgres://u@[::1]:1/db', 'the database db on [::1]:1'],
    ['postgres://u@h', 'the database u on h'],
    ['postgres:///db', 'the database db on localhost'],
    ['postgres://u:p@/db?host=/run/postgresql', 'the database db on /run/postgresql'],
  ])('%s is of %s', (text, place) => {
    expect(parseAddress(text).place).toBe(place)
  })

  it.each(['', 'h', 'mysql://u:p@h/db', 'postgres://u:p@h:port/db', 'postgres://u:p@h1:1,h2:2/db'])(
    '%j is none, and is not repeated',
    text => {
      const parse = () => parseAddress(text)
      expect(parse).toThrow('The address of the coordinator is none of a PostgreSQL database')
      expect(parse).toThrow(
        expect.objectContaining({ code: 'invalid-spec', hint: expect.stringContaining('postgres://') }),
      )
    },
  )

  it('has modes of TLS that check the certificate, unless it says not to', () => {
    const modeOf = (text: string) =>
      URL.parse(parseAddress(text).connectionString)?.searchParams.get('sslmode')
    expect(
      ['prefer', 'require', 'verify-ca', 'no-verify'].map(mode => modeOf(`postgres://h/d?sslmode=${mode}`)),
    ).toEqual(['verify-full', 'verify-full', 'verify-full', 'no-verify'])
  })
})
