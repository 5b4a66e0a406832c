import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newGceRound } from '../clouds/gce/round.ts'
import { start, until } from '../support/cli.ts'
import { jobs } from '../support/round.ts'

/** Writes down what of CommonJS, which Google's packages are, a process has loaded. */
const spy = (file: string) => `import Module from 'node:module'
import { writeFileSync } from 'node:fs'
process.on('exit', () => writeFileSync(${JSON.stringify(file)}, JSON.stringify(Object.keys(Module._cache))))
`

it('provision loads the clients that it uses, and never the main entry of the package', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-loaded-'))
  const [preload, told] = [join(folder, 'spy.mjs'), join(folder, 'loaded.json')]
  writeFileSync(preload, spy(told))
  await using round = await newGceRound({ hub: { jobs: jobs(1, 'true') } })
  const env = { ...round.home.env, NODE_OPTIONS: `--import ${preload}` }

  const running = start({ ...round.home, env, [Symbol.dispose]: () => undefined }, 'provision')
  await until('the machine is seen', () => running.output().includes(' booting '))
  // Twice: it leaves at once, and still says what it has loaded.
  for (let time = 0; time < 2; time += 1) running.child.kill('SIGINT')
  await running.ended
  const loaded: readonly string[] = JSON.parse(readFileSync(told, 'utf8'))
  rmSync(folder, { recursive: true })
  const google = loaded.filter(file => file.includes('/node_modules/@google-cloud/'))
  const clients = google.flatMap(file => /\/v1\/(\w+)_client\.js$/.exec(file)?.[1] ?? [])
  expect(clients.toSorted()).toEqual([
    'images',
    'instances',
    'machine_types',
    'networks',
    'regions',
    'zone_operations',
  ])
  expect(google.filter(file => file.endsWith('/build/src/index.js'))).toEqual([])
  expect(loaded.filter(file => /\/node_modules\/(@aws-sdk|@azure)\//.test(file))).toEqual([])
})

/** Wall time of a Node that does nothing: machine and load weigh on it as on the command. Unit: milliseconds. */
function bareMs(): number {
  const from = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return performance.now() - from
}

it('provision makes its first call within 45 times the start of Node itself', {
  timeout: 120_000,
}, async () => {
  await using round = await newGceRound({ hub: { jobs: jobs(1, 'true') } })
  const calls = () => Object.values(round.gce.calls()).reduce((sum, count) => sum + count, 0)
  const ratios: number[] = []
  for (let pair = 0; pair < 5; pair += 1) {
    const bare = Math.min(bareMs(), bareMs())
    const [before, from] = [calls(), performance.now()]
    const running = start(round.home, 'provision')
    await until('its first call', () => calls() > before)
    ratios.push((performance.now() - from) / bare)
    running.child.kill('SIGKILL')
    await running.ended
  }
  console.log(`first call after ${ratios.map(ratio => ratio.toFixed(0)).join(', ')} × node -e 0`)
  expect(Math.min(...ratios)).toBeLessThanOrEqual(45)
})
