import { spawnSync } from 'node:child_process'
import { hasCode, type LaunchRequest } from '@agentctl/contract'
import { sampleDigest, sampleLaunchId, sampleUnits } from '@agentctl/contract/testing'
import { expect, test } from 'vitest'
import { containerBody } from '../../plugins/docker/src/body.ts'
import { engineTime } from '../../plugins/docker/src/bring-up.ts'
import { connectionOf, dockerOptions, scopeOf } from '../../plugins/docker/src/connection.ts'
import { lastBytes, unframed } from '../../plugins/docker/src/console.ts'
import { deliveryFor } from '../../plugins/docker/src/delivery.ts'
import { parseImage } from '../../plugins/docker/src/image.ts'
import { isContainerName, labelsFor, ownershipOf } from '../../plugins/docker/src/labels.ts'
import { registryAuth } from '../../plugins/docker/src/pull.ts'
import { parseSettings } from '../../plugins/docker/src/settings.ts'
import {
  type DockerSpec,
  detailsOf,
  parseSpec,
  resolveSpec,
  specSchema,
} from '../../plugins/docker/src/spec.ts'

const scope = { account: 'here', region: 'docker' }
const launchId = sampleLaunchId('pure')

function requestFor(spec: DockerSpec, change: Partial<LaunchRequest> = {}): LaunchRequest {
  const resolved = resolveSpec(spec, scope)
  const [offering] = resolved.offerings
  if (!offering) throw new Error('no offering')
  const units = sampleUnits(launchId, 2)
  const userData = Buffer.from('#!/bin/bash\ntoken=secret-token\n')
  const digest = sampleDigest('pure')
  const common = { launchId, digest, pool: 'p', agentType: 's1-d', offering, resolved, units, userData }
  return { ...common, expiry: { at: 1_900_000_000_123 }, ...change }
}

function problemsOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (hasCode(error, 'invalid-spec')) return error.problems ?? []
    throw error
  }
  throw new Error('nothing was thrown')
}

test('a spec has defaults, and is read again from what was resolved', () => {
  const spec = parseSpec({ image: 'ci/agent:1' })
  expect(spec).toMatchObject({ guest: 'process', pull: 'missing', 'pids-limit': 4096, 'stop-grace': '10s' })
  expect(detailsOf(resolveSpec(spec, scope))).toEqual(spec)
  expect(Object.keys(specSchema.properties ?? {})).toContain('docker-socket')
})

test('every problem of a spec is told at once, those between keys too', () => {
  const raw = {
    guest: 'linux',
    user: '1000',
    cpus: 0,
    memory: '2 GB',
    env: { HOME: '/x', '1A': 'x' },
    registry: { username: 'ci', password: 'literal' },
    mounts: [
      { source: '/', target: '/host' },
      { source: '/var/run/', target: '/sockets' },
      { source: '/srv/../run//docker.sock', target: '/run/agentctl/guest' },
      { source: 'relative', target: '/' },
    ],
    'stop-grace': '11m',
    zone: 'x',
  }
  const paths = problemsOf(() => parseSpec(raw)).map(({ path }) => path)
  expect(paths.sort()).toEqual(
    [
      'spec.image',
      'spec.cpus',
      'spec.memory',
      'spec.env.HOME',
      'spec.env.1A',
      'spec.registry.username',
      'spec.registry.password',
      'spec.mounts[0].source',
      'spec.mounts[1].source',
      'spec.mounts[2].source',
      'spec.mounts[2].target',
      'spec.mounts[3].source',
      'spec.mounts[3].target',
      'spec.stop-grace',
      'spec.user',
      'spec.zone',
    ].sort(),
  )
})

test('the Docker socket is mounted only when that is said, and the whole machine never', () => {
  const mounts = [{ source: '/var/run/docker.sock', target: '/var/run/docker.sock' }]
  expect(problemsOf(() => parseSpec({ image: 'x', mounts }))).toHaveLength(1)
  expect(parseSpec({ image: 'x', mounts, 'docker-socket': true }).mounts).toHaveLength(1)
  const whole = [{ source: '/./', target: '/host' }]
  expect(problemsOf(() => parseSpec({ image: 'x', mounts: whole, 'docker-socket': true }))).toHaveLength(1)
})

test('a process guest is locked, and its secrets are in nothing that the engine shows', () => {
  const spec = parseSpec({ image: 'x', cpus: 1.5, memory: '512m', 'stop-grace': '1500ms', user: '7' })
  const body = containerBody('acme', requestFor(spec), spec, 1)
  expect(JSON.stringify(body)).not.toContain('secret-token')
  expect(body).toMatchObject({ User: '7', Tty: false, StopSignal: 'SIGTERM', StopTimeout: 4 })
  expect(body.Env).toContain('AGENTCTL_UNIT_INDEX=1')
  expect(body.HostConfig).toMatchObject({
    Init: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    NanoCpus: 1_500_000_000,
    Memory: 536_870_912,
    MemorySwap: 536_870_912,
  })
  const open = parseSpec({ image: 'x', 'cap-drop': [], 'cap-add': ['NET_RAW'], 'no-new-privileges': false })
  expect(containerBody('acme', requestFor(open), open, 0).HostConfig).toMatchObject({
    CapDrop: [],
    CapAdd: ['NET_RAW'],
    SecurityOpt: [],
  })
})

test('a linux guest boots as measured', () => {
  const spec = parseSpec({ image: 'x', guest: 'linux' })
  const body = containerBody('acme', requestFor(spec), spec, 0)
  expect(body).toMatchObject({ Tty: true, User: '0', StopSignal: 'SIGRTMIN+3' })
  expect(body.HostConfig).toMatchObject({ CapAdd: ['SYS_ADMIN', 'NET_ADMIN'], CgroupnsMode: 'host' })
  expect(body.HostConfig.CapDrop).toBeUndefined()
})

test('the archive is one that tar reads, with the user data byte for byte', () => {
  const userData = Uint8Array.from({ length: 700 }, (_, byte) => byte % 256)
  for (const guest of ['process', 'linux'] as const) {
    const request = requestFor(parseSpec({ image: 'x', guest }), { userData })
    const archive = deliveryFor(request, 1, 1_900_000_000_999)
    const names = spawnSync('tar', ['-t'], { input: archive, encoding: 'utf8' }).stdout.trim().split('\n')
    const file = names.find(name => name.endsWith('user-data')) ?? ''
    expect(spawnSync('tar', ['-xO', '.agentctl/deadline'], { input: archive, encoding: 'utf8' }).stdout).toBe(
      '1900000000\n',
    )
    expect(Buffer.from(userData).equals(spawnSync('tar', ['-xO', file], { input: archive }).stdout)).toBe(
      true,
    )
    expect(names.some(name => name.endsWith('meta-data'))).toBe(guest === 'linux')
  }
})

test('ownership is read back, with an expiry that counts from the creation', () => {
  const request = requestFor(parseSpec({ image: 'x' }))
  const ownership = ownershipOf(labelsFor('acme', request, 0), 'acme', 0)
  expect(ownership).toMatchObject({ owner: 'acme', launchId, expiresAt: 1_900_000_000_000 })
  expect(ownership?.units).toEqual(request.units)
  const relative = labelsFor('acme', { ...request, expiry: { afterMs: 90_000 } }, 0)
  expect(ownershipOf(relative, 'acme', 5000)?.expiresAt).toBe(95_000)
  expect(ownershipOf(relative, 'other', 5000)).toBeUndefined()
})

test.each([
  [{}, undefined, { kind: 'socket', paths: ['/var/run/docker.sock'] }],
  [{}, 'unix:///run/x.sock', { kind: 'socket', paths: ['/run/x.sock'] }],
  [{ DOCKER_HOST: 'tcp://h:2376' }, 'unix:///x', { kind: 'tcp', host: 'h', port: 2376, isTls: true }],
  [{ DOCKER_HOST: 'h:2375' }, undefined, { kind: 'tcp', host: 'h', port: 2375, isTls: false }],
  [
    { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c' },
    undefined,
    { kind: 'tcp', host: 'h', port: 2376, isTls: true, certificates: '/c' },
  ],
])('%o and %s name an engine', (env, host, connection) => {
  expect(connectionOf(env, { host })).toEqual(connection)
})

test('an engine has a scope, and options for the docker command', () => {
  const own = connectionOf({}, {})
  expect([scopeOf(own, 'vm').account, dockerOptions(own)]).toEqual(['vm', []])
  const other = connectionOf({ DOCKER_HOST: 'unix:///x.sock' }, {})
  expect([scopeOf(other, 'vm').account, dockerOptions(other)]).toEqual([
    'vm:/x.sock',
    ['--host', 'unix:///x.sock'],
  ])
  const far = connectionOf({ DOCKER_HOST: 'tcp://h:1' }, {})
  expect([scopeOf(far, 'vm').account, dockerOptions(far)]).toEqual(['h:1', ['--host', 'tcp://h:1']])
  expect(() => connectionOf({ DOCKER_HOST: 'ssh://h' }, {})).toThrow(/does not speak ssh/)
  expect(() => connectionOf({ DOCKER_HOST: 'tcp://' }, {})).toThrow(/does not say where/)
  expect(problemsOf(() => parseSettings({ socket: 'x' }))).toHaveLength(1)
})

test.each([
  ['alpine', { repository: 'alpine', tag: 'latest' }],
  ['ci/agent:2', { repository: 'ci/agent', tag: '2' }],
  [
    'reg.example:5000/ci/agent',
    { repository: 'reg.example:5000/ci/agent', tag: 'latest', registry: 'reg.example:5000' },
  ],
  ['ci/agent:2@sha256:ab', { repository: 'ci/agent', tag: 'sha256:ab' }],
])('%s is taken apart', (name, parts) => {
  expect(parseImage(name)).toEqual(parts)
})

test('credentials come from the environment, by reference', () => {
  const registry = { username: 'env:REG_USER', password: 'env:REG_PASS' }
  const image = 'reg.example/x'
  expect(registryAuth({ registry, image }, { REG_USER: 'ci', REG_PASS: 'p' })).toEqual({
    username: 'ci',
    password: 'p',
    serveraddress: 'reg.example',
  })
  expect(() => registryAuth({ registry, image }, { REG_USER: 'ci' })).toThrow(/No credentials/)
  expect(registryAuth({ image }, {})).toBeUndefined()
})

test('frames of a log are taken apart, and a tail begins with a whole character', () => {
  const frame = (text: string, stream: number) => {
    const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
    head.writeUInt32BE(Buffer.byteLength(text), 4)
    return Buffer.concat([head, Buffer.from(text)])
  }
  expect(unframed(Buffer.concat([frame('a\n', 1), frame('b\n', 2)])).toString()).toBe('a\nb\n')
  const text = lastBytes(Buffer.from('é'.repeat(40_000).concat('x'))).toString()
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536)
  expect(text).toMatch(/^é+x$/)
})

test('times of the engine keep their nanoseconds, names keep paths out', () => {
  expect(engineTime('2026-11-23T19:12:08.764463092Z')).toBe('1795461128.764463092')
  expect(engineTime('2026-11-23T19:12:08Z')).toBe('1795461128.000000000')
  expect(['abc-0', 'a/b', '../x', 'a?b', ''].map(isContainerName)).toEqual([true, false, false, false, false])
})
