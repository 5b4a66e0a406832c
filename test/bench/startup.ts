import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newHome } from '../support/cli.ts'
import { ec2Home, firstCallMs, openEar } from './first-call.ts'
import { ratiosOf, timeOf } from './pairs.ts'
import { fetchPeers, type Peer } from './peers.ts'
import type { Row } from './row.ts'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const sdk = fileURLToPath(import.meta.resolve('@aws-sdk/client-ec2'))
const rounds = 15

/** How long commands take to start, next to those that people know, in one run and pair by pair. */
export async function startupRows(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-peers-'))
  try {
    const peers = await fetchPeers(folder)
    return [...(await ownRows()), ...(await peerRows(peers))]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function ownRows(): Promise<readonly Row[]> {
  await using ear = await openEar()
  using home = newHome()
  using ec2 = ec2Home(ear)
  const ratios = await ratiosOf(
    {
      version: () => timeOf([bin, '--version'], home.env),
      help: () => timeOf([bin, '--help'], home.env),
      'provision --help': () => timeOf([bin, 'provision', '--help'], home.env),
      complete: () => timeOf([bin, 'complete', '--', 'prov'], home.env),
      sdk: () => timeOf(['--input-type=module', '-e', `await import(${JSON.stringify(sdk)})`]),
      'first call': () => firstCallMs(ear, ec2, 'provision'),
    },
    rounds,
  )
  const row = (what: string, figure: number, atMost?: number): Row => ({
    ...{ benchmark: 'start', what, figure, unit: '×' },
    ...(atMost !== undefined && { atMost }),
  })
  return [
    row('`agentctl --version`', ratios.version, 6),
    row('`agentctl --help`', ratios.help, 6),
    row('`agentctl provision --help`', ratios['provision --help']),
    row('`agentctl complete`, at each tab key', ratios.complete),
    row('import of the SDK of EC2 alone', ratios.sdk),
    row('`provision` on EC2 to its first call', ratios['first call']),
    row('the same, beyond the import of the SDK', ratios['first call'] - ratios.sdk, 8),
  ]
}

async function peerRows(peers: readonly Peer[]): Promise<readonly Row[]> {
  const measures = peers.flatMap(({ name, version, script }) =>
    ['--version', '--help'].map(
      flag => [`${name} ${version} ${flag}`, () => timeOf([script, flag])] as const,
    ),
  )
  const ratios = await ratiosOf(Object.fromEntries(measures), rounds)
  return Object.entries(ratios).map(([what, figure]) => ({
    ...{ benchmark: 'start, others', what: `\`${what}\``, figure, unit: '×' },
  }))
}
