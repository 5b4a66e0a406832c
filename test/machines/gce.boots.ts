import { type GceRound, newGceRound, played } from '../clouds/gce/round.ts'
import type { PlayedInstance } from '../clouds/guests.ts'
import { run, until } from '../support/cli.ts'
import { guestAgent } from './guest.ts'
import { startMetadata } from './netns.ts'
import { bootInstances } from './played.ts'
import { type Stage, scenario } from './scenario.ts'
import { bootVm } from './vm.ts'

const base = '/computeMetadata/v1'
const attributes = `${base}/instance/attributes/`

/** What cloud-init asks for. Source: Compute Engine, "About VM metadata" and "Predefined metadata keys", 2026-11. */
function instanceAnswers({ id, userData }: PlayedInstance) {
  const name = id.split('/').at(-1) ?? ''
  const items = {
    'user-data': Buffer.from(userData).toString('base64'),
    'user-data-encoding': 'base64',
  }
  return {
    [`${base}/instance/id`]: '4711',
    [`${base}/instance/zone`]: `projects/1/zones/${id.split('/')[0]}`,
    [`${base}/instance/hostname`]: `${name}.c.test.internal`,
    [attributes]: Object.keys(items).join('\n'),
    [`${attributes}?recursive=True`]: JSON.stringify(items),
    [`${base}/project/attributes/?recursive=True`]: '{}',
    [`${base}/instance/service-accounts/default/token`]: '{"access_token":"of-the-cache"}',
  }
}

/** A machine that finds by SMBIOS that this is GCE; what the controller takes out of its metadata is gone there too. */
async function live(stage: Stage, { gce }: GceRound, instance: PlayedInstance): Promise<void> {
  const service = await startMetadata(stage.engine, instanceAnswers(instance))
  stage.later(() => service.close())
  const vm = await bootVm({ smbios: ['type=1,product=Google Compute Engine'], pid: service.pid })
  stage.later(() => vm.remove())
  stage.watch(vm)
  const own = () => gce.guests().find(({ id }) => id === instance.id)
  await vm.console.line(/phase=agent-registered/)
  await until('the controller took the user data away', () => own()?.userData === undefined, 60_000)
  await service.answer(`${attributes}?recursive=True`, '{}')
  await service.answer(attributes, '')
  const { reason } = await stage.end(vm, 300)
  stage.expect(reason).toBe('job-finished')
}

const askToken = `until python3 -c 'import urllib.request as r
print("token:", r.urlopen(r.Request("http://metadata.google.internal${base}/instance/service-accounts/default/token", None, {"Metadata-Flavor": "Google"}), timeout=2).read().decode())' 2>/dev/null
do echo closed; sleep 1; done`

scenario('GCE: a virtual machine boots by its own data source and runs a job', async stage => {
  const { expect, engine } = stage
  // Nothing here waits for them, so a busy host may take its time.
  const timeouts = { boot: '8m', agent: '4m', total: '30m' }
  await using round = await newGceRound({
    hub: { host: engine.address },
    pool: { timeouts, agent: { binary: guestAgent } },
  })
  const { hub, gce, home } = round
  const [job = ''] = hub.queue({ commands: ['cloud-init query cloud_name', askToken] })
  await using booted = bootInstances(played(gce), instance => live(stage, round, instance))

  const ended = await Promise.race([run(home, 'provision', '--json'), booted.failed])

  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  expect(JSON.parse(ended.stdout)).toMatchObject({ done: 1, machines: 1, left: [] })
  expect(hub.job(job)).toMatchObject({ result: 'passed', runs: 1 })
  expect(hub.log(job)).toMatch(/^gce$/m)
  expect(hub.log(job)).toContain('token: {"access_token":"of-the-cache"}')
  expect(gce.left()).toEqual([])
})
