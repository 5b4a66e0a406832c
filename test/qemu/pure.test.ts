import { hasCode } from '@agentctl/contract'
import { expect, test } from 'vitest'
import { commandLine } from '../../plugins/qemu/src/command-line.ts'
import { errorTable, imageError, tableError, toContractError } from '../../plugins/qemu/src/errors.ts'
import { isoImage } from '../../plugins/qemu/src/iso.ts'
import { instanceId, parseInstanceId } from '../../plugins/qemu/src/paths.ts'
import { parseSettings, stateRoot } from '../../plugins/qemu/src/settings.ts'
import { parseSpec, type QemuSpec, specSchema } from '../../plugins/qemu/src/spec.ts'
import { endings, type Facts, judge, statuses } from '../../plugins/qemu/src/state.ts'
import { launchId } from './support.ts'
import { fileIn } from './target.ts'

const codes = {
  ENOSPC: 'capacity-unavailable',
  EDQUOT: 'capacity-unavailable',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EROFS: 'permission-denied',
  EAGAIN: 'capacity-unavailable',
  EMFILE: 'capacity-unavailable',
  ENFILE: 'capacity-unavailable',
  ENOMEM: 'capacity-unavailable',
  'no-qemu-x86_64': 'unsupported',
  'no-qemu-aarch64': 'unsupported',
  'no-qemu-img': 'unsupported',
  'image-missing': 'invalid-spec',
  'image-damaged': 'invalid-spec',
  'image-in-use': 'unavailable',
} as const

test.each(Object.entries(codes))('%s is %s, and says what to do', (key, code) => {
  const cause = tableError(key, `${key}: no`)
  const error = toContractError(cause, 'launch of abc')
  expect(error).toMatchObject({ code, cause, fault: cause.message })
  expect(error.message).toMatch(/^launch of abc failed: /)
  expect(error.hint).toMatch(/\.$/)
})

test('every row has a test, and what has no row is internal', () => {
  expect(Object.keys(errorTable).sort()).toEqual(Object.keys(codes).sort())
  expect(toContractError(new Error('odd'), 'list')).toMatchObject({
    code: 'internal',
    message: 'list failed: odd',
  })
})

test.each([
  ['qemu-img: a.qcow2: No space left on device', 'capacity-unavailable'],
  ['qemu-img: a.qcow2: Disk quota exceeded', 'capacity-unavailable'],
  ["qemu-img: Failed to get shared 'write' lock", 'unavailable'],
  ["qemu-img: Could not open '/b': No such file or directory", 'invalid-spec'],
  ["qemu-img: Could not open '/b': Permission denied", 'invalid-spec'],
  ['qemu-img: Image is not in qcow2 format', 'invalid-spec'],
  ['qemu-img: something new', 'internal'],
  ['', 'internal'],
])('qemu-img saying "%s" is %s', (said, code) => {
  expect(toContractError(imageError(said), 'launch of abc').code).toBe(code)
})

const facts: Facts = { host: 'none', createdAt: 1000, stopAskedAt: 0 }
const ended = { exitCode: 0, signal: null, reason: 'powered-off', at: 5 } as const

test.each<[Partial<Facts>, number, string]>([
  [{}, 60_999, 'pending'],
  [{}, 61_000, 'failed'],
  [{ host: 'alive' }, 1e9, 'pending'],
  [{ host: 'alive', status: 'running' }, 1e9, 'running'],
  [{ host: 'alive', status: 'colo' }, 1e9, 'unknown'],
  [{ host: 'alive', status: 'running', stopAskedAt: 7 }, 1e9, 'stopping'],
  [{ host: 'dead', status: 'running' }, 1000, 'failed'],
  [{ host: 'elsewhere' }, 1000, 'unknown'],
  [{ host: 'dead', ended }, 1000, 'stopped'],
  [{ host: 'alive', ended }, 1000, 'stopping'],
])('%o at %i reads %s', (change, now, state) => {
  expect(judge({ ...facts, ...change }, now).state).toBe(state)
})

test.each(Object.entries(statuses))('QEMU saying %s reads %o', (status, verdict) => {
  expect(judge({ ...facts, host: 'alive', status }, 1000)).toEqual(verdict)
})

test.each(Object.entries(endings))('an end by %s reads %o', (reason, { state, words }) => {
  const record = { ...ended, reason: reason as keyof typeof endings }
  expect(judge({ ...facts, host: 'dead', ended: record }, 1000)).toEqual({ state, fault: words })
})

test('ids are read back, and nothing else is an id', () => {
  const name = { launchId: launchId(), index: 12 }
  expect(parseInstanceId(instanceId(name))).toEqual(name)
  for (const id of [
    '',
    'x.0',
    name.launchId,
    `${name.launchId}.01`,
    `${name.launchId}.-1`,
    `${name.launchId}.0/..`,
  ])
    expect(parseInstanceId(id)).toBeUndefined()
})

const least = { image: '/images/base.qcow2', arch: 'x86_64' }

test('a spec is read, with its defaults', () => {
  expect(parseSpec(least)).toEqual({
    ...least,
    cpus: 2,
    'memory-mb': 2048,
    smbios: [],
    seed: 'nocloud',
    net: { restrict: false },
    'stop-grace': '30s',
  })
  expect(specSchema.type).toBe('object')
})

test.each<[unknown, readonly string[]]>([
  [{}, ['image: is missing: a machine boots from an image or a kernel']],
  [
    { ...least, 'extra-args': ['-nic', 'tap'], cpus: 0, smbios: ['file=/etc/shadow'] },
    [
      'cpus: is below 1',
      'smbios[0]: is not of the form type=1,product=Name',
      'extra-args: is not a known key',
    ],
  ],
  [
    { image: 'here.img', append: 'x', initrd: '/i', 'stop-grace': '2h' },
    [
      'image: is not an absolute path',
      'stop-grace: is no duration such as 30s',
      'initrd: needs a kernel',
      'append: needs a kernel',
    ],
  ],
  [{ kernel: '/k', 'disk-gb': 3 }, ['disk-gb: needs an image']],
  [{ image: '/i', arch: 'aarch64' }, ['firmware: is missing: aarch64 images boot by UEFI']],
  [
    { ...least, net: { cidr: '10.0.0.0/99', host: 'x', 'metadata-port': 0, ports: [1] } },
    [
      'net.cidr: is no IPv4 network of /8 to /28 such as 10.0.2.0/24',
      'net.host: is no IPv4 address',
      'net.metadata-port: is below 1',
      'net.ports: is not a known key',
      'net.cidr: cannot be chosen with metadata-port, which needs 169.254.169.0/24',
      'net.host: cannot be chosen with metadata-port, which needs 169.254.169.0/24',
    ],
  ],
])('every problem of %o is told at once', (raw, said) => {
  const problems = problemsOf(() => parseSpec(raw))
  expect(problems.map(({ path, message }) => `${path.replace('spec.', '')}: ${message}`)).toEqual(said)
})

function lineOf(change: Record<string, unknown>, name: 'kvm' | 'tcg' = 'tcg'): string {
  const spec: QemuSpec = parseSpec({ ...least, ...change })
  const forward = (port: number) => `forward,${port}`
  return commandLine({ id: 'l.3', unitIndex: 3, spec, accel: { name, why: '' }, controlFd: 3, forward }).join(
    ' ',
  )
}

test("QEMU's arguments follow from the spec", () => {
  const line = lineOf({ cpus: 4, 'memory-mb': 512, smbios: ['type=1,product=A B'] })
  for (const part of [
    'qemu-system-x86_64 -name l.3 ',
    ' -no-reboot ',
    'spawn=deny',
    ' -machine q35 -accel tcg,thread=multi -cpu max -smp 4 -m 512M ',
    'file=overlay.qcow2',
    'file=seed.iso',
    ' -netdev user,id=net,ipv6=off ',
    ' -smbios type=1,product=A B',
    'opt/agentctl/unit-index,string=3',
  ])
    expect(line).toContain(part)
  expect(lineOf({}, 'kvm')).toContain('-accel kvm -cpu host')
  const direct = lineOf({ kernel: '/k', initrd: '/i', append: 'a b', seed: 'none', arch: 'aarch64' })
  expect(direct).toContain('-kernel /k -initrd /i -append a b')
  expect(direct).toContain('qemu-system-aarch64')
  expect(direct).not.toContain('seed.iso')
})

test('the network is as the spec says', () => {
  const net = { cidr: '192.168.9.0/24', host: '192.168.9.7', dns: '192.168.9.8', restrict: true }
  expect(lineOf({ net })).toContain(
    '-netdev user,id=net,ipv6=off,net=192.168.9.0/24,host=192.168.9.7,dns=192.168.9.8,restrict=on ',
  )
  expect(lineOf({ net: { 'metadata-port': 81 } })).toContain(
    'guestfwd=tcp:169.254.169.254:80-cmd:forward,,81 ',
  )
})

test('an image holds its files, in the order of their names, the same for the same', () => {
  const userData = Uint8Array.from({ length: 5000 }, (_, at) => at % 256)
  const files = [
    { name: 'user-data', bytes: userData },
    { name: 'meta-data', bytes: Buffer.from('{}\n') },
  ]
  const image = Buffer.from(isoImage('cidata', files))
  expect(image.toString('latin1', 0x8001, 0x8006)).toBe('CD001')
  expect(image.toString('latin1', 0x8028, 0x802e)).toBe('cidata')
  expect(Buffer.from(fileIn(image, 'USER-DATA.;1')).equals(userData)).toBe(true)
  expect(Buffer.from(fileIn(image, 'META-DATA.;1')).toString()).toBe('{}\n')
  expect(Buffer.from(isoImage('cidata', [...files].reverse())).equals(image)).toBe(true)
})

test('settings are checked, and the state folder comes from the environment, the first that names one', () => {
  expect(parseSettings(undefined)).toEqual({ acceleration: 'auto' })
  expect(problemsOf(() => parseSettings({ acceleration: 'hvf', size: 1 })).map(({ path }) => path)).toEqual([
    'providers.qemu.acceleration',
    'providers.qemu.size',
  ])
  const env = { AGENTCTL_QEMU_DIR: '/a', XDG_STATE_HOME: '/b', HOME: '/c' }
  expect(stateRoot(env)).toBe('/a')
  expect(stateRoot({ ...env, AGENTCTL_QEMU_DIR: undefined })).toBe('/b/agentctl/qemu')
  expect(stateRoot({ HOME: '/c' })).toBe('/c/.local/state/agentctl/qemu')
  for (const bad of [{}, { HOME: '' }, { AGENTCTL_QEMU_DIR: 'here' }])
    expect(() => stateRoot(bad)).toThrow(/state folder/)
})

function problemsOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (hasCode(error, 'invalid-spec')) return error.problems ?? []
    throw error
  }
  throw new Error('nothing was thrown')
}
