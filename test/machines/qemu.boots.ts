import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject, it } from 'vitest'
import { stringify } from 'yaml'
import type { Hub } from '../../plugins/devkit/src/index.ts'
import { startHub } from '../../plugins/devkit/src/index.ts'
import { type Home, newHome, run, start, until } from '../support/cli.ts'
import { diskImage, kernelLine } from './disk.ts'
import { sha256 } from './packing.ts'
import { scaled } from './scenario.ts'

const engine = inject('engine')
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const thief = readFileSync(here('./thief.py'), 'utf8')

/** A boot under software emulation takes some 35 s of a processor, here beside others. Unit: seconds, not scaled. */
const limits = { boot: 150, agent: 60 }
const bootLimitMs = 1000 * scaled(limits.boot + limits.agent)
/** Of a machine that nobody waits for, and of the one that is left alone: its job begins 90 s earlier at the latest. */
const lives = { ample: 900, short: 270 }

interface Stage extends AsyncDisposable {
  readonly hub: Hub
  readonly home: Home
}

/**
 * A hub on the engine's bridge, which host and guest both reach, and a home whose pool is virtual machines that live
 * for `totalSeconds`, scaled.
 */
async function setStage(totalSeconds: number, address: string): Promise<Stage> {
  const hub = await startHub({ host: address, knobs: { syncMs: 500 } })
  const disk = await diskImage()
  const home = newHome({ SEMAPHORE_AGENT_TOKEN: hub.token, SEMAPHORE_API_TOKEN: hub.apiToken })
  const config = {
    endpoint: hub.endpoint,
    'no-https': true,
    'agent-types': { [hub.agentType]: { pools: ['machines'] } },
    pools: {
      machines: {
        provider: 'qemu',
        timeouts: {
          boot: `${scaled(limits.boot)}s`,
          agent: `${scaled(limits.agent)}s`,
          total: `${scaled(totalSeconds)}s`,
        },
        spec: {
          image: disk,
          kernel: join(dirname(disk), 'vmlinuz'),
          initrd: join(dirname(disk), 'ramdisk'),
          append: kernelLine,
          cpus: 1,
          'memory-mb': 512,
          'stop-grace': '20s',
        },
        bootstrap: { files: [{ path: '/opt/thief.py', content: thief }] },
      },
    },
  }
  writeFileSync(join(home.folder, 'agentctl.yml'), stringify(config))
  return {
    hub,
    home,
    async [Symbol.asyncDispose]() {
      await run(home, 'instances', 'terminate', '--all')
      await hub.close()
      home[Symbol.dispose]()
    },
  }
}

function left({ home }: Stage): readonly string[] {
  const folders = globSync(join(home.folder, 'state/agentctl/qemu/*/launches/*/*/'))
  const processes = globSync('/proc/[0-9]*/cmdline').filter(file => textOf(file).includes(home.folder))
  return [...folders, ...processes]
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** The machine that has to live until its deadline boots first; the others boot while its job sleeps. */
const sleeping = Promise.withResolvers<void>()

const options = { timeout: 4 * bootLimitMs, skip: engine === null, concurrent: true }

it('a virtual machine runs its job and is gone', options, async ({ expect }) => {
  await sleeping.promise
  await using stage = await setStage(lives.ample, engine?.address ?? '')
  const [job = ''] = stage.hub.queue({ commands: ['cat /proc/1/comm', 'echo "on $(uname -s)"'] })

  const ended = await run(stage.home, 'provision', '--json')

  expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 })
  const { units, phases } = JSON.parse(ended.stdout)
  expect(units).toMatchObject([{ jobId: job, reason: 'job-finished', phase: 'gone' }])
  expect(Object.keys(phases)).toEqual(
    expect.arrayContaining(['booted', 'agent-started', 'agent-registered', 'power-off', 'gone']),
  )
  expect(stage.hub.log(job)).toContain('on Linux')
  expect(left(stage)).toEqual([])
  process.stderr.write(`qemu: ${JSON.stringify(phases)}\n`)
})

it('a virtual machine ends itself when its controller is gone', options, async ({ expect }) => {
  await using stage = await setStage(lives.short, engine?.address ?? '')
  stage.hub.queue({ commands: ['sleep 3000'] })
  const controller = start(stage.home, 'provision')
  const started = stage.hub.until(event => event.event === 'job-started', bootLimitMs)
  started.then(() => sleeping.resolve(), sleeping.reject)
  await started
  controller.child.kill('SIGKILL')
  await controller.ended

  const endings = () => globSync(join(stage.home.folder, 'state/agentctl/qemu/*/launches/*/*/ended.json'))
  await until('the machine is off', () => endings().length === 1, bootLimitMs)
  const reaped = await run(stage.home, 'reap', '--json')

  expect(reaped.code).toBe(0)
  expect(JSON.parse(reaped.stdout).gone).toHaveLength(1)
  expect(left(stage)).toEqual([])
})

it('a job without root finds the token nowhere in a virtual machine', options, async ({ expect }) => {
  await sleeping.promise
  await using stage = await setStage(lives.ample, engine?.address ?? '')
  const { hub, home } = stage
  const [job = ''] = hub.queue({ commands: [`python3 /opt/thief.py ${sha256(hub.token)}`] })

  const ended = await run(home, 'provision')

  expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 })
  const said = Array.from(hub.log(job).matchAll(/^thief: (\S+): (.*)$/gm), ([, place, verdict]) => [
    place,
    verdict,
  ])
  expect(said.length).toBeGreaterThan(7)
  expect(said.filter(([, verdict]) => verdict !== 'nothing' && verdict !== 'refused')).toEqual([])
  expect(ended.stdout + ended.stderr).not.toContain(hub.token)
})
