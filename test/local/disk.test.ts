import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { startController } from './controllers.ts'
import { bench, call, eventually, processesWith, request, scratch } from './support.ts'

const isRoot = process.getuid?.() === 0
const canMount = isRoot && tryMount()
// In CI a missing mount is a failure, not a skip.
const isSkipped = !canMount && !process.env.CI

test.skipIf(isSkipped)('a full disk ends no guest host and hides no end (needs root and tmpfs)', async () => {
  const { provider, reach, end, list } = await bench({ root: smallDisk() })
  const script = `cat /dev/zero > "$TMPDIR/fill" || echo full
for n in {1..2000}; do echo "line $n of a console that finds no room"; done
rm "$TMPDIR/fill"; echo room; exit 7`
  const launch = await request(provider, script)
  await provider.launch(launch, call())
  const stopped = await reach(launch.launchId, 'stopped')
  expect(stopped.fault).toBe('powered off by itself (exit code 7)')
  const tail = await provider.consoleTail?.(stopped, call())
  expect(tail).toMatch(/\d+ bytes of console were lost, the disk was full\n/)
  await end(stopped)
  expect(await list()).toEqual([])
})

test.skipIf(isSkipped)(
  'an instance that leaves the disk full says how it ended, and can be ended (needs root and tmpfs)',
  async () => {
    const { provider, reach, end, list } = await bench({ root: smallDisk() })
    const full = await request(provider, 'cat /dev/zero > "$HOME/fill"; exit 9')
    const running = await request(provider, 'sleep 1000')
    await provider.launch(running, call())
    await reach(running.launchId, 'running')
    await provider.launch(full, call())
    expect((await reach(full.launchId, 'stopped')).fault).toBe('powered off by itself (exit code 9)')
    for (const instance of await list()) await end(instance)
    expect(await list()).toEqual([])
  },
)

test.skipIf(isSkipped)(
  'a launch on a full disk is capacity-unavailable and leaves nothing (needs root and tmpfs)',
  async () => {
    const root = smallDisk()
    const { provider, folder, list } = await bench({ root })
    const launch = await request(provider, 'exit 0')
    const filler = join(dirname(root), 'filler')
    try {
      writeFileSync(filler, Buffer.alloc(2 << 20))
    } catch {
      // Full, as it should be.
    }
    const failed = provider.launch({ ...launch, userData: Buffer.alloc(200_000, '\n') }, call())
    await expect(failed).rejects.toMatchObject({
      code: 'capacity-unavailable',
      hint: expect.stringContaining('AGENTCTL_LOCAL_DIR'),
    })
    expect(await list()).toEqual([])
    expect(existsSync(folder) ? readdirSync(join(folder, 'staging')) : []).toEqual([])
    rmSync(filler)
    expect((await provider.launch(launch, call())).instances).toHaveLength(1)
  },
)

test.skipIf(!isRoot && !process.env.CI)(
  'a user without rights gets a namespace too, where there are any, and read-only folders go (needs root to become one)',
  async () => {
    const { provider, root, reach, end, list } = await bench()
    const nobody = 65_534
    chownSync(root, nobody, nobody)
    const script =
      'mkdir -p "$HOME/cache/mod" && touch "$HOME/cache/mod/file" && chmod -R a-w "$HOME/cache"; id -u; setsid sleep 1000 & echo up; sleep 1000'
    const launch = await request(provider, script)
    expect(await startController({ root, launch, uid: nobody }).answer()).toHaveLength(1)
    const running = await reach(launch.launchId, 'running')
    await eventually('up', async () => (await provider.consoleTail?.(running, call()))?.includes('\nup\n'))
    const tail = await provider.consoleTail?.(running, call())
    expect(tail).toMatch(/isolation=(user-namespace|process-group)/)
    expect(tail).toContain(`\n${nobody}\n`)
    expect(await startController({ root, terminate: running, uid: nobody }).answer()).toBe('gone')
    expect(processesWith(`AGENTCTL_INSTANCE=${running.id}`)).toEqual([])
    expect(await list()).toEqual([])
    await end(running)
  },
)

function tryMount(): boolean {
  const folder = scratch()
  try {
    mount(folder)
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'agentctl-test', folder], { stdio: 'ignore' })
}

/** A state folder on a disk of 1 MiB. */
function smallDisk(): string {
  const folder = scratch()
  mount(folder)
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  // Not the mount point itself, which cannot be removed while it is one.
  return join(folder, 'state')
}
