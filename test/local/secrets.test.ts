import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startController } from './controllers.ts'
import { bench, call, eventually, filesBelow, processesWith, request } from './support.ts'

test('user data of a running instance is in no file, no argument and no environment', async () => {
  const { provider, root, reach } = await bench()
  const secret = `token-${Date.now()}-of-the-test`
  const launch = await request(provider, `exec 3<&-\nsecret=${secret}\necho ready-now; sleep 1000`)
  await provider.launch(launch, call())
  const running = await reach(launch.launchId, 'running')
  await eventually('ready', async () =>
    (await provider.consoleTail?.(running, call()))?.includes('ready-now'),
  )
  expect(filesBelow(root).filter(path => readFileSync(path, 'utf8').includes(secret))).toEqual([])
  expect(processesWith(secret, 'environ')).toEqual([])
  expect(processesWith(secret, 'cmdline')).toEqual([])
})

test('a guest gets a clean environment, and nothing of the controller', async () => {
  const { provider, root, folder, reach } = await bench()
  const spec = { env: { COLOUR: 'blue' } }
  const launch = await request(provider, 'env | cut -d= -f1 | sort > "$HOME/names"; env > "$HOME/all"', {
    spec,
  })
  await startController({ root, launch }).answer()
  const stopped = await reach(launch.launchId, 'stopped')
  const unit = join(folder, 'launches', launch.launchId, '0')
  const names = readFileSync(join(unit, 'home', 'names'), 'utf8')
    .trim()
    .split('\n')
  // Those that bash itself adds.
  const own = ['PWD', 'SHLVL', '_', 'OLDPWD']
  expect(names.filter(name => !own.includes(name))).toEqual([
    'AGENTCTL_INSTANCE',
    'AGENTCTL_RUN',
    'AGENTCTL_UNIT_INDEX',
    'COLOUR',
    'HOME',
    'LANG',
    'PATH',
    'TMPDIR',
    'USER',
  ])
  const all = readFileSync(join(unit, 'home', 'all'), 'utf8')
  for (const line of [
    `AGENTCTL_INSTANCE=${stopped.id}`,
    `AGENTCTL_RUN=${unit}/run`,
    `HOME=${unit}/home`,
    'COLOUR=blue',
  ]) {
    expect(all).toContain(`${line}\n`)
  }
})

test('the state folder is for its user alone', async () => {
  const { provider, folder, reach } = await bench()
  const launch = await request(provider, 'exit 0')
  await provider.launch(launch, call())
  await reach(launch.launchId, 'stopped')
  const modes = [
    '.',
    'launches',
    `launches/${launch.launchId}/0`,
    `launches/${launch.launchId}/launch.json`,
  ].map(name => statSync(join(folder, name)).mode & 0o077)
  expect(modes).toEqual([0, 0, 0, 0])
})

test('a console that never stops stays small, and its end is kept', async () => {
  const { provider, folder, reach } = await bench()
  const launch = await request(provider, `head -c 30000000 /dev/zero | tr '\\0' 'ä'; printf '\\nthe end\\n'`)
  await provider.launch(launch, call())
  const stopped = await reach(launch.launchId, 'stopped')
  const tail = (await provider.consoleTail?.(stopped, call())) ?? ''
  expect(tail).toMatch(/the end\nagentctl-local: power-off reason=exited code=0 signal=-\n$/)
  expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(65_536)
  const unit = join(folder, 'launches', launch.launchId, '0')
  const sizes = ['console.log', 'console.1.log'].map(name => statSync(join(unit, name)).size)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(8 * 1024 * 1024)
})
