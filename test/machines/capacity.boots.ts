import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ExpectStatic, inject, it } from 'vitest'
import { type Hub, startHub } from '../../plugins/devkit/src/index.ts'
import { bootMachine, type Machine } from './machine.ts'

const engine = inject('engine')
const slowness = inject('slowness')
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const agentctl = `/opt/devkit/node ${root}/bin/run.js`

/** How long jobs come: one minute here, ten by `npm run test:capacity`. */
const minutes = Number(process.env.AGENTCTL_CAPACITY_MINUTES ?? 1)
/** From one job to the next. Unit: milliseconds. */
const everyMs = 15_000

const install = `${agentctl} capacity install --user root --config /etc/agentctl/agentctl.yml`

type Check = (machine: Machine, expect: ExpectStatic) => Promise<void>

/** What a person does once, with what `capacity install` prints. */
const schedules: readonly (readonly [name: string, script: string, check?: Check])[] = [
  [
    "Debian's cron",
    `${install} --cron >/etc/cron.d/agentctl
systemctl restart cron.service`,
  ],
  [
    'a systemd timer',
    `${install} --systemd --json >/tmp/files.json
python3 -c 'import json
for file in json.load(open("/tmp/files.json"))["files"]: open(file["path"], "w").write(file["text"])'
systemctl daemon-reload
systemctl start agentctl-acme.timer`,
  ],
  [
    'a service that runs for good',
    `${install} --systemd --serve --json >/tmp/files.json
python3 -c 'import json
for file in json.load(open("/tmp/files.json"))["files"]: open(file["path"], "w").write(file["text"])'
systemctl daemon-reload
systemctl start --no-block agentctl-acme.service`,
    notifies,
  ],
]

it.skipIf(engine === null).concurrent.for(schedules)(
  'capacity is driven by %s: every job once, and nothing is left',
  { timeout: (minutes + 10) * 60_000 * slowness },
  async ([, schedule, check], { expect, onTestFinished, onTestFailed }) => {
    if (engine === null) return
    const hub = await startHub({ host: engine.address, knobs: { syncMs: 200 } })
    const folder = settingsFor(hub)
    const machine = await bootMachine(engine, {
      userData: new TextEncoder().encode(`#!/bin/sh\n${setUp}${schedule}\n`),
      mounts: [`${root}:${root}:ro`, `${folder}:/etc/agentctl:ro`],
    })
    onTestFailed(() => {
      process.stderr.write(machine.console.text().slice(-4000))
    })
    onTestFinished(async () => {
      await machine.remove()
      await hub.close()
      rmSync(folder, { recursive: true })
    })

    const count = Math.max(4, (minutes * 60_000) / everyMs)
    for (let at = 0; at < count; at++) {
      hub.queue({ commands: [`sleep ${at % 4}`] })
      await sleep(everyMs)
    }
    const finished = () => hub.jobs().filter(job => job.state === 'finished').length
    await until(() => finished() === count, machine)
    await until(async () => (await listed(machine)).length === 0, machine)
    expect(hub.jobs().map(({ runs, result }) => ({ runs, result }))).toEqual(
      Array(count).fill({ runs: 1, result: 'passed' }),
    )
    expect(new Set(hub.jobs().map(job => job.agent)).size).toBe(count)
    await check?.(machine, expect)
    const processes = await machine.exec('pgrep', '-f', 'dist/agent/main.js')
    expect(processes.stdout).toBe('')
  },
)

/** Ready, alive, loaded anew and ended: systemd has it from the service itself. */
async function notifies(machine: Machine, expect: ExpectStatic): Promise<void> {
  const unit = 'agentctl-acme.service'
  const show = async (property: string) =>
    (await machine.exec('systemctl', 'show', '--value', '--property', property, unit)).stdout.trim()
  expect(await show('ActiveState')).toBe('active')
  expect(await show('StatusText')).toContain('looked first at')
  expect(Number(await show('WatchdogTimestampMonotonic'))).toBeGreaterThan(0)
  await machine.exec('systemctl', 'reload', unit)
  await until(
    async () => (await machine.exec('journalctl', '-u', unit)).stdout.includes('is in force'),
    machine,
  )
  await machine.exec('systemctl', 'stop', unit)
  expect([await show('ActiveState'), await show('Result')]).toEqual(['inactive', 'success'])
}

const setUp = `export HOME=/root
set -ea
. /etc/agentctl/env
`

/** Mounted as root's alone would be: the token is in it. */
function settingsFor(hub: Hub): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-cron-'))
  writeFileSync(join(folder, 'env'), `TOKEN=${hub.token}\n`, { mode: 0o600 })
  writeFileSync(
    join(folder, 'agentctl.yml'),
    `owner: acme
endpoint: ${hub.endpoint}
no-https: true
agent-types: { ${hub.agentType}: { token: 'env:TOKEN', pools: [here] } }
pools: { here: { provider: local, capacity: { max: 6 } } }
`,
  )
  return folder
}

async function listed(machine: Machine): Promise<readonly unknown[]> {
  const { stdout } = await machine.exec(
    ...['env', 'HOME=/root', '/opt/devkit/node', `${root}/bin/run.js`],
    ...['instances', 'list', '--json', '--config', '/etc/agentctl/agentctl.yml'],
  )
  return JSON.parse(stdout).instances
}

async function until(isTrue: () => boolean | Promise<boolean>, machine: Machine): Promise<void> {
  const end = Date.now() + 240_000 * slowness
  while (!(await isTrue())) {
    if (Date.now() > end)
      throw new Error(`not in time\n${(await machine.exec('journalctl', '-n', '60')).stdout}`)
    await sleep(1_000)
  }
}
