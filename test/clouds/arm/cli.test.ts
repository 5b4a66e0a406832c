import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Home, run } from '../../support/cli.ts'
import { jobs } from '../../support/round.ts'
import { playGuests } from '../guests.ts'
import { newArmRound, played } from './round.ts'

const count = 50
const limitMs = 150_000

/** The same home, and every module that a command in it loads, as Node resolves it. */
function watched(home: Home): { readonly home: Home; readonly modules: () => readonly string[] } {
  const list = join(home.folder, 'modules')
  const hook = join(home.folder, 'hook.mjs')
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module'
     import { appendFileSync } from 'node:fs'
     registerHooks({ load: (url, context, next) => { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context) } })`,
  )
  const env = { ...home.env, NODE_OPTIONS: `--import ${hook}` }
  return { home: { ...home, env }, modules: () => readFileSync(list, 'utf8').split('\n') }
}

it('gives 50 queued jobs a machine each by 50 PUTs, and leaves nothing', { timeout: limitMs }, async () => {
  await using round = await newArmRound({ hub: { jobs: jobs(count, 'echo hello') } })
  const { hub, arm } = round
  const { home, modules } = watched(round.home)
  await using _ = await playGuests(played(arm))

  const ended = await run(home, 'provision', '--concurrency', String(count), '--json')

  expect(JSON.parse(ended.stdout)).toMatchObject({
    wanted: count,
    done: count,
    machines: count,
    reasons: { 'job-finished': count },
    left: [],
    exit: 0,
  })
  expect(ended.code).toBe(0)
  expect(ended.stderr).not.toMatch(/internal|Error:/)
  expect(hub.jobs().filter(job => job.runs !== 1 || job.result !== 'passed')).toEqual([])
  expect(arm.left()).toEqual([])
  const calls = arm.calls()
  expect(calls['PUT virtualMachines/:name']).toBe(count)
  expect(calls['DELETE virtualMachines/:name']).toBe(count)
  // Neither the network's package nor Key Vault's is needed for a life without trouble.
  expect(modules().some(url => url.includes('@azure/arm-compute'))).toBe(true)
  expect(modules().filter(url => /@azure\/(arm-network|keyvault)/.test(url))).toEqual([])
})
