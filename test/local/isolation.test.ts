import { rmSync } from 'node:fs'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { bench, call, eventually, processesWith, request } from './support.ts'

const daemons = `
setsid bash -c 'echo up > "$HOME/one"; exec sleep 1000' &
nohup bash -c 'echo up > "$HOME/two"; exec sleep 1000' >/dev/null 2>&1 &
( (echo up > "$HOME/three"; exec sleep 1000) & )
until [ -s "$HOME/one" ] && [ -s "$HOME/two" ] && [ -s "$HOME/three" ]; do sleep 0.02; done
echo daemons-up`

describe.each([{ isolation: 'auto' }, { isolation: 'process-group' }])('with %o', settings => {
  test('no daemon of a job outlives its instance', async () => {
    const { provider, reach } = await bench({ settings })
    const launch = await request(provider, daemons)
    await provider.launch(launch, call())
    const stopped = await reach(launch.launchId, 'stopped')
    expect(await provider.consoleTail?.(stopped, call())).toContain('daemons-up')
    expect(processesWith(`AGENTCTL_INSTANCE=${stopped.id}`)).toEqual([])
  })

  test('a guest host that is killed takes the tree with it: failed, and terminate clears it away', async () => {
    const { provider, reach, list } = await bench({ settings })
    const launch = await request(provider, `${daemons}\nsleep 1000`)
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    await eventually('daemons up', async () =>
      (await provider.consoleTail?.(running, call()))?.includes('daemons-up'),
    )
    process.kill(hostOf(running.id), 'SIGKILL')
    const failed = await reach(launch.launchId, 'failed')
    expect(failed.fault).toBe('its guest host was ended from outside')
    if (settings.isolation === 'auto') {
      await eventually('tree gone', () => processesWith(`AGENTCTL_INSTANCE=${running.id}`).length === 0)
    }
    expect(await provider.terminate(failed, call())).toBe('gone')
    expect(processesWith(`AGENTCTL_INSTANCE=${running.id}`)).toEqual([])
    expect(await list()).toEqual([])
  })

  test('a script that ignores SIGTERM is ended after its stop grace', async () => {
    const { provider, reach } = await bench({ settings })
    const spec = { 'stop-grace': '300ms' }
    const launch = await request(provider, `trap '' TERM; echo deaf; while :; do sleep 0.1; done`, { spec })
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    await eventually('deaf', async () => (await provider.consoleTail?.(running, call()))?.includes('deaf'))
    expect(await provider.terminate(running, call())).toBe('accepted')
    expect((await reach(launch.launchId, 'stopped')).fault).toMatch(/^stopped when asked to/)
    expect(processesWith(`AGENTCTL_INSTANCE=${running.id}`)).toEqual([])
  })

  test('a script that handles SIGTERM ends in its own way', async () => {
    const { provider, reach } = await bench({ settings })
    const launch = await request(
      provider,
      `trap 'echo bye; exit 7' TERM; echo ready-now; while :; do sleep 0.1; done`,
    )
    await provider.launch(launch, call())
    const running = await reach(launch.launchId, 'running')
    await eventually('ready', async () =>
      (await provider.consoleTail?.(running, call()))?.includes('ready-now'),
    )
    expect(await provider.terminate(running, call())).toBe('accepted')
    const stopped = await reach(launch.launchId, 'stopped')
    expect(stopped.fault).toBe('stopped when asked to (exit code 7)')
    expect(await provider.consoleTail?.(stopped, call())).toContain('bye')
  })
})

test('in a namespace a daemon that wipes its environment does not outlive its instance either', async ({
  skip,
}) => {
  const { provider, reach } = await bench()
  const mark = `1000.${process.pid}${Date.now()}`
  const launch = await request(provider, `env -i setsid "$(command -v sleep)" ${mark} &\nsleep 0.3`)
  await provider.launch(launch, call())
  const stopped = await reach(launch.launchId, 'stopped')
  const text = (await provider.consoleTail?.(stopped, call())) ?? ''
  if (text.includes('isolation=process-group')) skip('this machine allows no PID namespace')
  expect(processesWith(mark, 'cmdline')).toEqual([])
})

test('a guest host that hangs is ended after the stop grace', async () => {
  const { provider, reach, end } = await bench()
  const launch = await request(provider, 'sleep 1000', { spec: { 'stop-grace': '50ms' } })
  await provider.launch(launch, call())
  const running = await reach(launch.launchId, 'running')
  process.kill(hostOf(running.id), 'SIGSTOP')
  expect(await provider.terminate(running, call())).toBe('accepted')
  await reach(launch.launchId, 'stopping')
  await end(running)
  expect(processesWith(`AGENTCTL_INSTANCE=${running.id}`)).toEqual([])
})

test('an instance whose folder is removed by hand ends itself', async () => {
  const { provider, reach, folder } = await bench()
  const launch = await request(provider, 'sleep 1000')
  await provider.launch(launch, call())
  const running = await reach(launch.launchId, 'running')
  rmSync(`${folder}/launches/${launch.launchId}`, { recursive: true })
  await eventually('tree gone', () => processesWith(`AGENTCTL_INSTANCE=${running.id}`).length === 0)
})

/** The guest host is the one process of the instance that runs `main.js`. */
function hostOf(id: string): number {
  const marked = processesWith(`AGENTCTL_INSTANCE=${id}\0`)
  const pid = processesWith('guest/main.js', 'cmdline').find(candidate => marked.includes(candidate))
  if (pid === undefined) throw new Error(`no guest host of ${id}`)
  return pid
}
