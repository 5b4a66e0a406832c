import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { idleSpec } from './idle.ts'
import { bench, bootTitle, call, canBoot, request, tinySpec } from './support.ts'

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe.skipIf(!canBoot)(bootTitle, { timeout: 90_000 }, () => {
  test('each guest of a batch reads its user data and its own index; its disk is thrown away, the image stays', async () => {
    const { provider, root, says, folder } = await bench()
    const { image } = idleSpec(root)
    const before = digestOf(readFileSync(String(image)))
    const spec = tinySpec({ image, 'disk-gb': 2 })
    const script = 'echo over >/dev/vda; sync; echo "size $(cat /sys/block/vda/size) $(head -c 4 /dev/vda)"'
    const launch = await request(provider, script, { spec, count: 2 })
    const { instances } = await provider.launch(launch, call())
    for (const instance of instances) {
      const text = await says(instance, 'size ')
      const { unitIndex } = instance
      expect(text).toContain(`tiny: unit ${unitIndex}`)
      const metaData = {
        'instance-id': instance.id,
        'local-hostname': launch.units[unitIndex]?.name,
        'agentctl-unit-index': unitIndex,
      }
      expect(text).toContain(`tiny: meta-data ${JSON.stringify(metaData)}`)
      expect(text).toContain(`tiny: sha256 ${digestOf(launch.userData)}`)
      expect(await says(instance, 'over')).toContain(`size ${2 * 1024 ** 2 * 2}`)
      expect(provider.connect?.(instance).command.at(-1)).toBe(
        join(folder, 'launches', launch.launchId, String(unitIndex), 'console.log'),
      )
    }
    expect(digestOf(readFileSync(String(image)))).toBe(before)
  })

  test("a guest believes that it runs on a cloud: SMBIOS, and a metadata service on this host's loopback", async () => {
    const asked: string[] = []
    const server = createServer((incoming, answer) => {
      asked.push(incoming.url ?? '')
      answer.end('user-data-of-the-service')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { provider, says } = await bench()
    const spec = tinySpec({
      words: 'tiny.metadata tiny.seedless',
      seed: 'none',
      smbios: ['type=1,product=Google Compute Engine'],
      // Nothing else can be reached from inside.
      net: { 'metadata-port': port, restrict: true },
    })
    const { instances } = await provider.launch(await request(provider, '', { spec }), call())
    for (const instance of instances) {
      const text = await says(instance, 'tiny: up')
      expect(text).toContain('tiny: product Google Compute Engine')
      // Each request is a connection of its own.
      expect(text.match(/tiny: metadata user-data-of-the-service/g)).toHaveLength(3)
    }
    expect(asked).toEqual(Array(3).fill('/latest/user-data'))
  })
})

test('what is missing is said before anything is made', async ({ skip }) => {
  if (!canBoot) skip(bootTitle)
  const { provider, root, open, list } = await bench()
  const missing = provider.parseSpec({ image: '/no/image', kernel: '/no/kernel', initrd: '/no/initrd' })
  await expect(provider.resolve(missing, call())).rejects.toMatchObject({
    code: 'invalid-spec',
    problems: ['image', 'kernel', 'initrd'].map(key => ({ path: `spec.${key}` })),
  })
  const launch = await request(provider, '', { spec: idleSpec(root) })
  const bare = await open({ env: { PATH: join(root, 'no-programs'), AGENTCTL_QEMU_DIR: root } })
  await expect(bare.launch(launch, call())).rejects.toMatchObject({
    code: 'unsupported',
    hint: expect.stringContaining('apt-get install qemu-system-x86'),
  })
  // The image went between resolve and launch.
  const { image } = idleSpec(root)
  rmSync(String(image))
  await expect(provider.launch(launch, call())).rejects.toMatchObject({
    code: 'invalid-spec',
    message: expect.stringContaining('base image'),
  })
  expect(await list()).toEqual([])
})

test('a disk smaller than its image is refused, of a qcow2 image by the size that guests see', async ({
  skip,
}) => {
  if (!canBoot) skip(bootTitle)
  const { provider, root } = await bench()
  const image = join(root, 'wide.qcow2')
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', image, '3G'])
  const resolve = (gb: number) =>
    provider.resolve(provider.parseSpec({ image, arch: 'x86_64', 'disk-gb': gb }), call())
  await expect(resolve(2)).rejects.toMatchObject({
    problems: [{ path: 'spec.disk-gb', message: 'is less than the 3 GiB of its image' }],
  })
  expect((await resolve(3)).offerings).toHaveLength(1)
})
