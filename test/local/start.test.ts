import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Context } from '../../plugins/local/src/context.ts'
import { ownerPaths } from '../../plugins/local/src/paths.ts'
import { localProvider } from '../../plugins/local/src/provider.ts'
import { bench, call, clock, type RequestOptions, request, silentLog } from './support.ts'

type Start = Context['start']

/** A second provider on the bench's state folder, whose starts go as told. */
async function startingBy(start: Start) {
  const there = await bench()
  const provider = localProvider({
    root: there.root,
    owner: 'acme-ci',
    paths: ownerPaths(there.root, 'acme-ci'),
    scope: { account: hostname(), region: 'local' },
    clock,
    random: { next: Math.random },
    log: silentLog,
    isolation: 'auto',
    environment: {},
    start,
  })
  const make = (options: RequestOptions) => request(there.provider, 'sleep 1000', options)
  return { ...there, faulty: provider, make }
}

const full: Start = async () => {
  throw Object.assign(new Error('spawn node EAGAIN'), { code: 'EAGAIN' })
}

test('a launch of which nothing can be started is taken back, and can be made again', async () => {
  const { provider, faulty, folder, list, make } = await startingBy(full)
  const launch = await make({ count: 2 })
  await expect(faulty.launch(launch, call())).rejects.toMatchObject({
    code: 'capacity-unavailable',
    hint: expect.stringContaining('max'),
  })
  expect(await list()).toEqual([])
  expect(existsSync(join(folder, 'launches', launch.launchId))).toBe(false)
  expect((await provider.launch(launch, call())).instances).toHaveLength(2)
})

test('a launch of which a part can be started is a shortfall', async () => {
  let starts = 0
  const { faulty, list, make } = await startingBy(async (...unit) => {
    starts += 1
    if (starts > 1) await full(...unit)
  })
  const launch = await make({ count: 3 })
  const { instances, shortfall } = await faulty.launch(launch, call())
  expect(instances.map(({ unitIndex }) => unitIndex)).toEqual([0])
  expect(shortfall).toMatchObject({ code: 'capacity-unavailable' })
  expect((await list()).map(({ id }) => id)).toEqual([`${launch.launchId}.0`])
})

test('a launch that its controller did not start is pending, and a repeat starts it', async () => {
  const { provider, faulty, make, list, reach } = await startingBy(async () => undefined)
  const launch = await make({})
  expect((await faulty.launch(launch, call())).instances).toMatchObject([{ state: 'pending' }])
  expect(await list()).toMatchObject([{ state: 'pending' }])
  await provider.launch(launch, call())
  await reach(launch.launchId, 'running')
})

test('what its controller did not start before it died is failed within seconds', async () => {
  const { faulty, folder, make, list, reach, end } = await startingBy(async () => undefined)
  const launch = await make({})
  await faulty.launch(launch, call())
  const file = join(folder, 'launches', launch.launchId, 'launch.json')
  const record = JSON.parse(readFileSync(file, 'utf8'))
  expect(record.maker).toMatchObject({ pid: process.pid })
  writeFileSync(file, JSON.stringify({ ...record, maker: { ...record.maker, started: 'at another time' } }))
  await end(await reach(launch.launchId, 'failed'))
  expect(await list()).toEqual([])
})

test('a launch that hangs ends with its signal and its deadline, and says that it may have been accepted', async () => {
  const { faulty, make } = await startingBy(() => new Promise(() => undefined))
  const late = faulty.launch(await make({}), { ...call(), deadlineMs: Date.now() + 300 })
  await expect(late).rejects.toMatchObject({ code: 'outcome-unknown' })
  const aborted = faulty.launch(await make({}), call(AbortSignal.timeout(100)))
  await expect(aborted).rejects.toMatchObject({ code: 'outcome-unknown' })
})

test('what another machine runs in a shared state folder is unknown, and is not ended from here', async () => {
  const { provider, faulty, folder, make } = await startingBy(async () => undefined)
  const launch = await make({})
  await faulty.launch(launch, call())
  const path = join(folder, 'launches', launch.launchId)
  const scope = { account: 'another-machine', region: 'local' }
  const record = JSON.parse(readFileSync(join(path, 'launch.json'), 'utf8'))
  writeFileSync(join(path, 'launch.json'), JSON.stringify({ ...record, scope }))
  writeFileSync(join(path, '0', 'host.json'), JSON.stringify({ pid: 1, started: '1', boot: 'another' }))
  const [shown] = await Array.fromAsync(provider.list(scope, {}, call()))
  expect(shown).toMatchObject({ state: 'unknown' })
  await expect(shown && provider.terminate(shown, call())).rejects.toMatchObject({
    code: 'unavailable',
    hint: expect.stringContaining('another-machine'),
  })
})

test('preflight says what keeps a tree together and where the state is; connect says how to look', async () => {
  const { provider, root, folder, make } = await startingBy(async () => undefined)
  const findings = await provider.preflight(provider.parseSpec({}), call())
  expect(findings.map(({ subject }) => subject)).toEqual(['isolation', 'bash', 'state folder', 'disk'])
  expect(findings.filter(({ level }) => level === 'problem')).toEqual([])
  expect(findings[2]?.message).toContain(root)
  const { instances } = await provider.launch(await make({}), call())
  expect(instances.map(ref => provider.connect?.(ref).command.at(-1))).toEqual(
    instances.map(({ ownership }) => join(folder, 'launches', ownership.launchId, '0', 'console.log')),
  )
})
