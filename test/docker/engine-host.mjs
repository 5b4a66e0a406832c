// Runs a Docker engine of its own, with the test image, for as long as the process WATCHED is there.
// usage: engine-host.mjs FOLDER WATCHED IMAGE DEVKIT_DIST; writes FOLDER/ready, or FOLDER/failed with the reason.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const [, , folder, watched, image, devkit] = process.argv
const at = name => join(folder, name)
const socket = at('docker.sock')
const path = `${process.env.PATH}:/usr/sbin:/sbin`

/** No bridge, no firewall rules: other engines on this machine keep theirs. */
const options = [
  ['--host', `unix://${socket}`],
  ['--data-root', at('data')],
  ['--exec-root', at('exec')],
  ['--pidfile', at('pid')],
  ['--bridge', 'none'],
  ['--host-gateway-ip', '127.0.0.1'],
].flat()

const log = openSync(at('dockerd.log'), 'w')
const daemon = spawn('dockerd', [...options, '--iptables=false'], {
  env: { ...process.env, PATH: path },
  stdio: ['ignore', log, log],
})
let isOver = false
daemon.on('error', () => {})
const ended = new Promise(resolve => daemon.on('close', resolve)).then(() => {
  isOver = true
})
process.on('SIGTERM', () => {})

function ask(method, target, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, method, path: target }, answer => {
      const parts = []
      answer.on('data', part => parts.push(part))
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(parts).toString() }))
    })
    sent.on('error', reject)
    if (body) body.pipe(sent)
    else sent.end()
  })
}

async function answers() {
  for (let tries = 0; tries < 300 && !isOver; tries++) {
    const pong = await ask('GET', '/_ping').catch(() => undefined)
    if (pong?.status === 200) return
    await sleep(100)
  }
  throw new Error(`dockerd does not run: ${readFileSync(at('dockerd.log'), 'utf8').slice(-600)}`)
}

async function importImage() {
  const script = fileURLToPath(new URL('image.sh', import.meta.url))
  const made = spawnSync('bash', [script, at('root'), process.execPath, devkit], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`no root file system: ${made.stderr}`)
  const tar = spawn('tar', ['-c', '-C', at('root'), '.'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [repo, tag] = image.split(':')
  const query = new URLSearchParams({ fromSrc: '-', repo, tag, changes: 'VOLUME /cache' })
  const { status, text } = await ask('POST', `/images/create?${query}`, tar.stdout)
  if (status !== 200 || text.includes('errorDetail')) throw new Error(`no image: ${status} ${text}`)
  rmSync(at('root'), { recursive: true })
}

try {
  await answers()
  await importImage()
  writeFileSync(at('ready'), '')
} catch (error) {
  writeFileSync(at('failed'), error.message)
}
while (existsSync(`/proc/${watched}`) && !isOver) await sleep(250)
daemon.kill('SIGTERM')
await Promise.race([ended, sleep(20_000, undefined, { ref: false }).then(() => daemon.kill('SIGKILL'))])
await ended
// The engine leaves the network namespace of the host mounted.
spawnSync('umount', [at('exec/netns/default')])
rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
