import { duplexPair } from 'node:stream'
import { expect, test } from 'vitest'
import { openQmp, type QmpEvent } from '../../plugins/qemu/src/guest/qmp.ts'

/** A QEMU that answers as `reply` says, `undefined` for not at all. */
function talk(reply: (command: string) => unknown) {
  const [ours, theirs] = duplexPair()
  const events: QmpEvent[] = []
  const said: string[] = []
  theirs.setEncoding('utf8')
  theirs.write('{"QMP": {"version": {}, "capabilities": []}}\r\n')
  theirs.on('data', (text: string) => {
    for (const line of text.trim().split('\n')) {
      const { execute, id } = JSON.parse(line)
      said.push(execute)
      const answer = execute === 'qmp_capabilities' ? { return: {} } : reply(execute)
      if (answer !== undefined) theirs.write(`${JSON.stringify({ ...Object(answer), id })}\r\n`)
    }
  })
  return { qmp: openQmp(ours, event => events.push(event)), theirs, events, said }
}

test('a command is answered, after the capabilities were agreed', async () => {
  const { qmp, said } = talk(() => ({ return: { status: 'running' } }))
  expect(await qmp.execute('query-status')).toEqual({ status: 'running' })
  expect(said).toEqual(['qmp_capabilities', 'query-status'])
})

test('a refusal is an error with its words', async () => {
  const { qmp } = talk(() => ({ error: { class: 'CommandNotFound', desc: 'no such command' } }))
  await expect(qmp.execute('dance')).rejects.toThrow('QEMU refused: no such command')
})

test('events come as they are, in pieces too; what is no JSON is passed over', async () => {
  const { qmp, theirs, events } = talk(() => ({ return: {} }))
  theirs.write('{"event": "SHUTDOWN", "data": {"guest": tr')
  theirs.write('ue}}\nnonsense\n{"event": "STOP"}\n')
  await qmp.execute('query-status')
  expect(events).toEqual([
    { event: 'SHUTDOWN', data: { guest: true } },
    { event: 'STOP', data: {} },
  ])
})

test('no answer in time, a signal, and a closed connection end the wait', async () => {
  const { qmp, theirs } = talk(() => undefined)
  await expect(qmp.execute('quit', { timeoutMs: 30 })).rejects.toThrow('QEMU did not answer quit in 30 ms')
  await expect(qmp.execute('quit', { signal: AbortSignal.timeout(20) })).rejects.toThrow('quit was cancelled')
  await expect(qmp.execute('quit', { signal: AbortSignal.abort() })).rejects.toThrow('quit was cancelled')
  const waiting = qmp.execute('query-status')
  theirs.end()
  await expect(waiting).rejects.toThrow('QEMU has closed its control socket')
  await expect(qmp.execute('query-status')).rejects.toThrow('QEMU has closed its control socket')
})
