import { expect, test } from 'vitest'
import { bench, call, launchId, processesWith, request } from './support.ts'

test('an instance runs its script, powers off, keeps its console, and is cleared away', async () => {
  const { provider, reach, end, list } = await bench()
  const launch = await request(
    provider,
    'echo "I am $AGENTCTL_INSTANCE in $HOME"; echo oops >/dev/stderr; exit 3',
  )
  const { instances, shortfall } = await provider.launch(launch, call())
  expect(shortfall).toBeUndefined()
  expect(instances).toMatchObject([{ kind: 'instance', id: `${launch.launchId}.0`, unitIndex: 0 }])
  const stopped = await reach(launch.launchId, 'stopped')
  expect(stopped.fault).toBe('powered off by itself (exit code 3)')
  const tail = await provider.consoleTail?.(stopped, call())
  expect(tail).toContain(`I am ${stopped.id} in `)
  expect(tail).toContain('oops')
  expect(await provider.terminate(stopped, call())).toBe('gone')
  expect(await list()).toEqual([])
  await end(stopped)
})

test('a launch id that was ended is spent', async () => {
  const { provider, end } = await bench()
  const launch = await request(provider, 'sleep 60')
  const { instances } = await provider.launch(launch, call())
  for (const instance of instances) await end(instance)
  await expect(provider.launch(launch, call())).rejects.toMatchObject({ code: 'launch-spent' })
  expect(processesWith(`AGENTCTL_INSTANCE=${launch.launchId}`)).toEqual([])
})

test('the same id with another digest is a conflict, with the same one the same instances', async () => {
  const { provider, list } = await bench()
  const id = launchId()
  const launch = await request(provider, 'sleep 60', { id, count: 3 })
  const first = await provider.launch(launch, call())
  const again = await provider.launch(launch, call())
  expect(again.instances.map(instance => instance.id)).toEqual(first.instances.map(instance => instance.id))
  await expect(provider.launch({ ...launch, digest: 'other' }, call())).rejects.toMatchObject({
    code: 'conflict',
  })
  expect(await list()).toHaveLength(3)
})

test('many terminates at once, of what is off, alive or not started, all converge', async () => {
  const { provider, list, reach } = await bench()
  const many = 'mkdir -p $HOME/{1..20}/{1..20}; touch $HOME/{1..20}/{1..20}/file'
  const off = await request(provider, many)
  const alive = await request(provider, 'sleep 1000')
  await provider.launch(off, call())
  await provider.launch(alive, call())
  await reach(off.launchId, 'stopped')
  await reach(alive.launchId, 'running')
  const fresh = await request(provider, 'sleep 1000', { count: 3 })
  await provider.launch(fresh, call())
  const all = await list()
  expect(all).toHaveLength(5)
  while ((await list()).length > 0) {
    const answers = await Promise.all(
      all.flatMap(ref => Array.from({ length: 8 }, () => provider.terminate(ref, call()))),
    )
    expect(answers.every(answer => answer === 'accepted' || answer === 'gone')).toBe(true)
  }
  for (const { id } of all) expect(processesWith(`AGENTCTL_INSTANCE=${id}`)).toEqual([])
})
