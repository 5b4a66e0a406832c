import { describe, expect, it } from 'vitest'
import { errorTable } from '../../plugins/aws/src/storage/error-table.ts'
import { ask, toContractError } from '../../plugins/aws/src/storage/errors.ts'

const fault = (name: string, status?: number, message = 'words of the cloud') =>
  Object.assign(new Error(message), {
    name,
    ...(status !== undefined && { $metadata: { httpStatusCode: status } }),
  })

type Case = readonly [name: string, status: number, code: string]
const rows = errorTable.flatMap(({ names, status = 400, code }): readonly Case[] =>
  (names ?? ['Unheard']).map(name => [name, status, code]),
)

describe('errors of the stores', () => {
  it.each(rows)('%s with status %i is %s', (name, status, code) => {
    const error = toContractError(fault(name, status), 'reading it', 's3:GetObject')
    expect(error).toMatchObject({ code, fault: 'words of the cloud' })
    expect(error.message).toMatch(/^Reading it failed: /)
    if (code === 'unauthenticated' || code === 'permission-denied') expect(error.hint).toBeDefined()
  })

  it('has each name once', () => {
    const names = errorTable.flatMap(row => row.names ?? [])
    expect(new Set(names).size).toBe(names.length)
  })

  it('what no row knows is unavailable with an answer, and internal without', () => {
    expect(toContractError(fault('Strange', 418), 'x', 'r')).toMatchObject({ code: 'unavailable' })
    expect(toContractError(fault('TypeError'), 'x', 'r')).toMatchObject({ code: 'internal' })
  })

  it.each([
    ['no', 'ssm:GetParameter on /ci/token'],
    ['User: u is not authorized to perform: kms:Decrypt on resource: key', 'kms:Decrypt'],
  ])('names the right that was missed: %s', (message, right) => {
    const error = toContractError(
      fault('AccessDeniedException', 400, message),
      'x',
      'ssm:GetParameter on /ci/token',
    )
    expect(error.hint).toContain(`Allow ${right}.`)
  })

  it('a call whose signal is aborted is cancelled, and not sent', async () => {
    let isSent = false
    const asked = ask({ what: 'x', right: 'r', signal: AbortSignal.abort() }, async () => {
      isSent = true
    })
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    expect(isSent).toBe(false)
  })
})
