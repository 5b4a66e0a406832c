import { appendFileSync, globSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type PlayedCloud, playGuests } from '../clouds/guests.ts'
import { containersOf, image, sharedEngine } from '../docker/engine.ts'
import { idleSpec } from '../qemu/idle.ts'
import { bootTitle, canBoot, processesWith, qemuOf, qmpCommand } from '../qemu/support.ts'
import { jobs, newRound } from '../support/round.ts'
import { succeed, wayThrough } from './support.ts'

const engine = await sharedEngine()
const done = { wanted: 1, done: 1, machines: 1, reasons: { 'job-finished': 1 }, left: [], exit: 0 }
const hub = { jobs: jobs(1, 'echo hello') }

describe.concurrent('a plugin installed from the registry provisions', () => {
  it.skipIf(engine.missing !== undefined)(`docker, on an engine ${engine.missing ?? ''}`, async () => {
    await using round = await newRound(hub, {
      AGENTCTL_PROVIDER: 'docker',
      DOCKER_HOST: `unix://${engine.socket}`,
    })
    const pool = [
      '--set',
      `image=${image}`,
      '--set',
      'network=host',
      '--agent-binary',
      '/usr/local/bin/agent',
    ]
    await wayThrough(round.home, 'docker', async () => {
      const ended = await succeed(round.home, 'provision', ...pool, '--json')
      expect(JSON.parse(ended.stdout)).toMatchObject(done)
      expect(await containersOf(engine, 'test-ci')).toEqual([])
    })
  })

  // The machine is real, but its disk is blank: the agent runs beside it, with the user data of the machine's seed.
  it.skipIf(!canBoot)(`qemu: ${bootTitle}`, async () => {
    await using round = await newRound(hub, { AGENTCTL_PROVIDER: 'qemu' })
    const { home } = round
    const machines = join(home.folder, 'machines')
    mkdirSync(machines)
    home.env.AGENTCTL_QEMU_DIR = machines
    await using _ = await playGuests(playedMachines(machines))
    const spec = Object.entries(idleSpec(home.folder)).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    const pool = [...spec, '--agent-binary', '/opt/semaphore/agent/agent']
    await wayThrough(home, 'qemu', async () => {
      const ended = await succeed(home, 'provision', ...pool, '--json')
      expect(JSON.parse(ended.stdout)).toMatchObject(done)
      expect(globSync(join(machines, '*/launches/*'))).toEqual([])
      expect(processesWith(home.folder, 'cmdline')).toEqual([])
    })
  })
})

/** As their guests see the machines of the provider, which takes a seed away as soon as QEMU has opened it. */
function playedMachines(folder: string): PlayedCloud {
  const read = new Map<string, Uint8Array>()
  return {
    async running() {
      const units = globSync(join(folder, '*/launches/*/*/qmp.sock')).map(dirname)
      return units.flatMap(id => {
        const userData = read.get(id) ?? seedOf(`${basename(dirname(id))}.${basename(id)}`)
        if (!userData) return []
        read.set(id, userData)
        return { id, index: 0, userData }
      })
    },
    powerOff: unit => qmpCommand(unit, 'quit'),
    write: (unit, text) => appendFileSync(join(unit, 'console.log'), text),
  }
}

/** The compressed user data that a machine has open; the padding behind it is ignored when it is unpacked. */
function seedOf(instance: string): Uint8Array | undefined {
  const files = globSync(`/proc/${qemuOf(instance)}/fd/*`)
  const seed = files.find(file => targetOf(file).includes('/seed.iso'))
  if (seed === undefined) return undefined
  const bytes = readFileSync(seed)
  return bytes.subarray(bytes.indexOf(Buffer.from([0x1f, 0x8b, 0x08])))
}

/** What an open file is of; nothing when it has been closed meanwhile. */
function targetOf(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
