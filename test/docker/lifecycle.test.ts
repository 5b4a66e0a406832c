import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { call, eventually, request } from '../local/support.ts'
import { ask, image, sharedEngine } from './engine.ts'
import { startProxy } from './proxy.ts'
import { bench, keepingLog, plainSpec } from './support.ts'

const engine = await sharedEngine()

/** Stays until it is asked to stop. */
const stay = "trap 'echo soft; exit 0' TERM; echo up; while :; do sleep 1 & wait $!; done"

describe.skipIf(engine.missing !== undefined)(
  `containers ${engine.missing ?? ''}`,
  { concurrent: true },
  () => {
    it('get the limits, the environment and the user of the spec, and nothing to climb with', async test => {
      const { launch, inspect, says } = await bench(engine, test)
      const spec = {
        cpus: 0.5,
        memory: '96m',
        'pids-limit': 64,
        user: 'worker',
        env: { COLOUR: 'blue' },
        mounts: [{ source: '/etc', target: '/host-etc', 'read-only': true }],
      }
      const instance = await launch(
        `echo "user=$(id -un) home=$HOME colour=$COLOUR hosts=$(test -r /host-etc/hosts && echo yes)"
grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; touch /host-etc/x 2>/dev/null || echo read-only; ${stay}`,
        { spec },
      )
      const said = await says(instance, 'up')
      expect(said).toContain('user=worker home=/home/worker colour=blue hosts=yes')
      expect(said).toMatch(/CapEff:\t0+\n/)
      expect(said).toMatch(/NoNewPrivs:\t1\n/)
      expect(said).toContain('read-only')
      expect((await inspect(instance)).HostConfig).toMatchObject({
        NanoCpus: 500_000_000,
        Memory: 100_663_296,
        PidsLimit: 64,
      })
    })

    it('give the user data to bash alone: no file, argument or variable of the guest has it', async test => {
      const { launch, inspect, says, list } = await bench(engine, test)
      const secret = 'token-that-nobody-sees'
      const instance = await launch(`token=${secret}; unset token; exec 3<&-
open=0; for f in /proc/[0-9]*/fd/*; do [ -f "$f" ] && grep -qsa ${secret} "$f" && open=$((open + 1)); done
echo "files=$(grep -rlsa ${secret} / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev | wc -l) open=$open"
echo "arguments=$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -c '^token-that')"
${stay}`)
      const said = await says(instance, 'up')
      expect(said).toMatch(/files=0 open=0\narguments=0\n/)
      expect(JSON.stringify(await inspect(instance))).not.toContain(secret)
      expect(JSON.stringify(await list())).not.toContain(secret)
      const changed = await ask(engine, 'GET', `/containers/${instance.id}/changes`)
      expect(changed.text).not.toContain('user-data')
      const copy = await ask(engine, 'GET', `/containers/${instance.id}/archive?path=/.agentctl/user-data`)
      expect(copy.status).toBe(404)
    })

    it('get user data byte for byte through the pipe', async test => {
      const { provider, says } = await bench(engine, test)
      const odd = Buffer.from(Uint8Array.from({ length: 60_000 }, (_, at) => (at * 7) % 256))
      const made = await request(provider, '', { spec: plainSpec })
      const userData = Buffer.concat([Buffer.from('sha256sum <&3; exit 0\n'), odd])
      const { instances } = await provider.launch({ ...made, userData }, call())
      const [instance] = instances
      if (!instance) throw new Error('nothing was launched')
      await says(instance, createHash('sha256').update(odd).digest('hex'))
    })

    it('end at their deadline without any controller: softly, then by force', async test => {
      const { launch, reach, console } = await bench(engine, test)
      const life = { afterMs: 7000, spec: { 'stop-grace': '3s' } }
      const soft = launch(stay, life)
      const deaf = launch("trap '' TERM; echo up; while :; do sleep 1; done", life)
      const [obedient, stubborn] = await Promise.all([soft, deaf])
      expect((await reach(obedient.id, 'stopped')).fault).toBeUndefined()
      expect((await reach(stubborn.id, 'stopped')).fault).toMatch(/^exit code 137/)
      expect(Date.now()).toBeLessThan(stubborn.ownership.expiresAt + 4000)
      expect(await console(obedient)).toMatch(/deadline is near[\s\S]*soft/)
      expect(await console(stubborn)).toContain('the time is over')
    })

    it('keep their timer whatever a job does to processes called sleep', async test => {
      const { launch, reach } = await bench(engine, test)
      const job = `echo up; trap '' TERM
while :; do for at in /proc/[0-9]*; do grep -qs '^sleep$' $at/comm && kill -9 \${at#/proc/}; done; done 2>/dev/null`
      const instance = await launch(job, { afterMs: 4000 })
      await reach(instance.id, 'stopped')
      expect(Date.now()).toBeLessThan(instance.ownership.expiresAt + 5000)
    })

    it('take the daemon of a job with them, and have no zombies', async test => {
      const { launch, reach, inspect, says } = await bench(engine, test)
      const instance = await launch(`for n in 1 2 3; do setsid bash -c 'sleep 0.1 & exit' & done; sleep 1
setsid sleep 4321 </dev/null >/dev/null 2>&1 &
sleep 0.2; echo "zombies=$(grep -ls '^State:.Z' /proc/[0-9]*/status | wc -l)"; exit 7`)
      const { State } = await inspect(instance)
      expect((await reach(instance.id, 'stopped')).fault).toBe('exit code 7')
      await says(instance, 'zombies=0')
      await eventually('the processes are gone', () => !State.Pid || !existsPid(State.Pid))
    })

    it('are removed with their anonymous volumes', async test => {
      const { launch, inspect, provider } = await bench(engine, test)
      const instance = await launch(stay)
      const volume = (await inspect(instance)).Mounts.find((one: { Type: string }) => one.Type === 'volume')
      expect((await ask(engine, 'GET', `/volumes/${volume.Name}`)).status).toBe(200)
      await eventually('gone', async () => (await provider.terminate(instance, call())) === 'gone')
      expect((await ask(engine, 'GET', `/volumes/${volume.Name}`)).status).toBe(404)
    })

    it('that were made and not started by a controller that died are replaced, and never given a second copy', async test => {
      const { provider, open, list } = await bench(engine, test)
      const made = await request(provider, stay, { spec: plainSpec })
      const { proxy, env } = await faulty(test)
      const dying = await open({ env })
      proxy.arm({ match: /^PUT .*\/archive/, act: { do: 'lose' } })
      const offering = {
        ...made.offering,
        scope: dying.scopes([dying.parseSpec(plainSpec)])[0] ?? made.offering.scope,
      }
      await expect(dying.launch({ ...made, offering }, call())).rejects.toMatchObject({
        code: 'outcome-unknown',
      })
      expect((await list()).map(({ state }) => state)).toEqual(['pending'])

      const { instances } = await provider.launch(made, call())

      expect(instances.map(({ state }) => state)).toEqual(['running'])
      expect(await list()).toHaveLength(1)
    })

    it('of a batch that came half-way are completed by a repeat', async test => {
      const { provider, list } = await bench(engine, test)
      const made = await request(provider, stay, { spec: plainSpec, count: 3 })
      const [first, ...rest] = made.units
      if (!first) throw new Error('no unit')
      await provider.launch({ ...made, units: [first] }, call())
      const { instances, shortfall } = await provider.launch(made, call())
      expect(shortfall).toBeUndefined()
      expect(instances.map(({ unitIndex }) => unitIndex)).toEqual([0, 1, 2])
      expect(await list()).toHaveLength(1 + rest.length)
    })

    it('of a launch that was ended are not made again', async test => {
      const { provider } = await bench(engine, test)
      const made = await request(provider, 'exit 0', { spec: plainSpec })
      const [instance] = (await provider.launch(made, call())).instances
      if (!instance) throw new Error('nothing was launched')
      await eventually('gone', async () => (await provider.terminate(instance, call())) === 'gone')
      await expect(provider.launch(made, call())).rejects.toMatchObject({ code: 'launch-spent' })
    })

    it('boot a linux guest with its seed, and power it off in good order', async test => {
      const { launch, says, inspect, provider, reach } = await bench(engine, test)
      const instance = await launch('#cloud-config', { spec: { guest: 'linux' }, afterMs: 5000 })
      const said = await says(instance, 'modes')
      expect(said).toContain('init: pid=1 index=0 container=docker')
      expect(said).toContain(
        createHash('sha256').update('#!/usr/bin/env bash\n#cloud-config\n').digest('hex'),
      )
      expect(said).toContain(`"instance-id":"${instance.id}"`)
      expect(said).toContain('modes 700 600')
      expect(JSON.stringify(await inspect(instance))).not.toContain('cloud-config')
      await reach(instance.id, 'stopped')
      await says(instance, 'init: power-off')
      expect(await provider.terminate(instance, call())).toBe('gone')
    })

    it('are made from an image that is there, or the launch says why not', async test => {
      const { provider, list, open } = await bench(engine, test)
      const launch = async (spec: object, by = provider) =>
        by.launch(await request(provider, 'true', { spec: { ...plainSpec, ...spec } }), call())
      const nowhere = '127.0.0.1:9/ci/agent:1'
      const refused = await launch({ image: nowhere }).catch(error => error)
      expect(refused).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('registry cannot be reached'),
      })
      await expect(launch({ image: 'not-there:1', pull: 'never' })).rejects.toMatchObject({
        code: 'invalid-spec',
      })
      const registry = { username: 'env:REG_USER', password: 'env:REG_PASS' }
      await expect(launch({ image: nowhere, registry })).rejects.toMatchObject({ code: 'unauthenticated' })
      const trusted = await open({ env: { REG_USER: 'ci', REG_PASS: 'pass-word-42' } })
      const error = await launch({ image: nowhere, registry }, trusted).catch(caught => caught)
      expect(JSON.stringify([error, error.message, error.hint])).not.toContain('pass-word-42')
      await expect(launch({ network: 'nowhere' })).rejects.toMatchObject({ code: 'invalid-spec' })
      await expect(launch({ user: 'ghost' })).rejects.toMatchObject({ code: 'invalid-spec' })
      expect(await list()).toEqual([])
    })

    it('wait for a pull, which is told of, and which a deadline ends', async test => {
      const { open, list } = await bench(engine, test)
      const { proxy, env } = await faulty(test)
      const provider = await open({ env })
      const { log, lines } = keepingLog()
      proxy.arm({ match: /^POST \/images\/create/, act: { do: 'hang' } })
      const made = await request(provider, stay, { spec: { ...plainSpec, pull: 'always' } })
      const pulling = provider.launch(made, { ...call(), log, deadlineMs: Date.now() + 1000 })
      await expect(pulling).rejects.toMatchObject({
        code: 'unavailable',
        hint: expect.stringContaining('docker pull'),
      })
      expect(lines).toEqual([`Pulling the image {"image":"${image}"}`])
      expect(await list()).toEqual([])
    })

    it('are looked for before: what is missing is found, what is not known is said to be unproven', async test => {
      const { provider } = await bench(engine, test)
      const look = async (spec: object) => {
        const found = await provider.preflight(provider.parseSpec({ ...plainSpec, ...spec }), call())
        return found.filter(({ level }) => level !== 'ok').map(({ level, subject }) => `${level} ${subject}`)
      }
      expect(await look({})).toEqual([])
      expect(await look({ image: 'not-there:1', cpus: 900, memory: '9000g', runtime: 'runsc' })).toEqual([
        'problem cpus',
        'problem memory',
        'problem runtime',
        'unproven image',
      ])
      const registry = { username: 'env:REG_USER', password: 'env:REG_USER' }
      expect(await look({ image: 'not-there:1', pull: 'never', network: 'nowhere', registry })).toEqual([
        'problem image',
        'problem registry',
        'problem registry',
        'problem network',
      ])
    })

    it('of an engine that is not there are said to be unavailable, with what to do', async test => {
      const { open } = await bench(engine, test)
      const provider = await open({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } })
      const spec = provider.parseSpec(plainSpec)
      const error = await provider.preflight(spec, call()).catch(caught => caught)
      expect(error).toMatchObject({ code: 'unavailable', hint: expect.stringContaining('DOCKER_HOST') })
      const made = await request(provider, 'true', { spec: plainSpec })
      await expect(provider.launch(made, call())).rejects.toMatchObject({ code: 'unavailable' })
    })

    it('can be entered', async test => {
      const { provider, launch } = await bench(engine, test)
      const instance = await launch(stay)
      const hint = provider.connect?.(instance)
      expect(hint?.command).toEqual([
        'docker',
        '--host',
        `unix://${engine.socket}`,
        'exec',
        '-it',
        instance.id,
        'bash',
      ])
    })
  },
)

/** The engine through something that makes faults; what a provider has to be opened with to meet them. */
async function faulty({ onTestFinished }: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-docker-proxy-'))
  const proxy = await startProxy(engine, join(folder, 'docker.sock'))
  onTestFinished(() => {
    proxy.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { proxy, env: { DOCKER_HOST: `unix://${proxy.socket}` } }
}

function existsPid(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
