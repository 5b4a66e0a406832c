import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HubOptions } from '@agentctl/plugin-devkit'
import { stateFolder } from '../../../src/effects/paths.ts'
import { openJournal } from '../../../src/journal/journal.ts'
import { type Ended, type Home, type Running, run, start } from '../../support/cli.ts'
import { newRound, type Round } from '../../support/round.ts'
import { type Guests, type PlayOptions, playGuests } from '../guests.ts'
import { type Decide, type Front, openFront } from './front.ts'
import type { Moto, MotoInstance, MotoResource } from './moto.ts'

export interface StageOptions extends PlayOptions {
  readonly hub?: HubOptions
  /** On top of a plain pool, in the words of agentctl.yml. */
  readonly pool?: Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
  readonly decide?: Decide
}

/** An owner of its own with a hub, a front before the emulated cloud, and guests that are played. */
export interface Stage extends AsyncDisposable {
  readonly round: Round
  readonly front: Front
  readonly guests: Guests
  readonly owner: string
  run(...args: readonly string[]): Promise<Ended>
  start(...args: readonly string[]): Running
  configure(pool: Readonly<Record<string, unknown>>): void
  /** All that was ever made. */
  instances(): Promise<readonly MotoInstance[]>
  left(): Promise<readonly MotoResource[]>
}

/**
 * A host that has used the region before: one whose journal is empty first waits a minute, until the lists of EC2 are
 * sure to show what an earlier journal knew.
 */
export function makeAcquainted({ env, folder }: Home, owner: string): void {
  using journal = openJournal(stateFolder(owner, env, folder), Date.now)
  const before = Date.now() - 3_600_000
  journal.saveAcquaintance({
    scope: 'aws/default/us-east-1',
    firstAt: before,
    since: before,
    hadMachines: false,
  })
}

/** An image and a type that moto knows. */
const image = 'ami-785db401'
export const plainSpec = { region: 'us-east-1', image, types: ['c5.large'], market: ['on-demand'] }

export async function setStage(
  moto: Moto,
  subnets: readonly string[],
  options: StageOptions,
): Promise<Stage> {
  const owner = `a${randomBytes(5).toString('hex')}`
  await using stack = new AsyncDisposableStack()
  const front = stack.use(await openFront(moto.url))
  if (options.decide) front.decide(options.decide)
  const round = stack.use(
    await newRound(options.hub, { ...moto.env, AWS_ENDPOINT_URL: front.url, AGENTCTL_OWNER: owner }),
  )
  delete round.home.env.AGENTCTL_PROVIDER
  const instances = async () =>
    (await moto.instances()).filter(({ tags }) => tags['agentctl-owner'] === owner)
  const guests = stack.use(await playGuests(moto.playedOf(owner), options))
  const configure = (pool: Readonly<Record<string, unknown>>) => {
    const config = {
      endpoint: round.hub.endpoint,
      pools: { linux: { provider: 'aws', capacity: { max: 1000 }, ...pool } },
    }
    writeFileSync(join(round.home.folder, 'agentctl.yml'), JSON.stringify(config))
  }
  configure({ ...options.pool, spec: { ...plainSpec, subnets, ...options.spec } })
  makeAcquainted(round.home, owner)
  const owned = stack.move()
  return {
    round,
    front,
    guests,
    owner,
    run: (...args) => run(round.home, ...args),
    start: (...args) => start(round.home, ...args),
    configure,
    instances,
    left: () => moto.left(owner),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Two of the default network, which has one a zone; or that of a zone. */
export async function subnetsOf({ url, env }: Moto, zone?: string): Promise<readonly string[]> {
  const { DescribeSubnetsCommand, EC2Client } = await import('@aws-sdk/client-ec2')
  const credentials = {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
  }
  const client = new EC2Client({ region: 'us-east-1', endpoint: url, credentials })
  const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({}))
  client.destroy()
  const wanted = Subnets.filter(({ AvailabilityZone }) => (zone ?? AvailabilityZone) === AvailabilityZone)
  return wanted.flatMap(({ SubnetId }) => SubnetId ?? []).slice(0, 2)
}
