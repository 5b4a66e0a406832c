import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Home, newHome, start } from '../support/cli.ts'

/** A cloud that hears and never answers. */
export interface Ear extends AsyncDisposable {
  readonly url: string
  /** Resolves with the time of the next request, by `performance.now()`. */
  next(): Promise<number>
}

export async function openEar(): Promise<Ear> {
  let heard: (at: number) => void = () => undefined
  const server: Server = createServer(() => heard(performance.now()))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    next: () =>
      new Promise(resolve => {
        heard = resolve
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** A home with one pool of EC2, whose API is the ear. */
export function ec2Home({ url }: Ear): Home {
  const home = newHome({
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    SEMAPHORE_AGENT_TOKEN: 'bench-token',
    NODE_ENV: 'development',
  })
  const spec = {
    region: 'us-east-1',
    image: 'ami-12345678',
    types: ['c5.large'],
    subnets: ['subnet-12345678'],
  }
  const config = { endpoint: '127.0.0.1:9', 'no-https': true, pools: { linux: { provider: 'aws', spec } } }
  writeFileSync(join(home.folder, 'agentctl.yml'), JSON.stringify(config))
  return home
}

/** From the start of the command to its first call. Unit: milliseconds. */
export async function firstCallMs(ear: Ear, home: Home, ...args: readonly string[]): Promise<number> {
  const heard = ear.next()
  const startedAt = performance.now()
  const running = start(home, ...args)
  const outcome = await Promise.race([heard, running.ended])
  running.child.kill('SIGKILL')
  await running.ended
  if (typeof outcome === 'number') return outcome - startedAt
  throw new Error(`${args.join(' ')} ended with ${outcome.code} before its first call: ${outcome.stderr}`)
}
