import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentPath, startHub } from '@agentctl/plugin-devkit'
import { type Arm, startArm } from '../clouds/arm/index.ts'
import type { Moto } from '../clouds/aws/moto.ts'
import { startGce } from '../clouds/gce/index.ts'
import { image, type TestEngine } from '../docker/engine.ts'
import { type Home, newHome } from '../support/cli.ts'
import { putOnPath } from '../support/on-path.ts'
import { jobs } from '../support/round.ts'
import { blocksOf } from './blocks.ts'
import { top } from './pages.ts'
import type { Words } from './typed.ts'

export type Part = 'moto' | 'gce' | 'arm' | 'docker'

export interface Shared {
  readonly moto: Moto | undefined
  readonly engine: TestEngine
}

/** What a reader of a page has: a Semaphore with two jobs, `agentctl`, its agent, and the clouds that the page is about. */
export interface Reader extends AsyncDisposable {
  readonly home: Home
  readonly words: Words
}

export async function newReader(parts: readonly Part[], { moto, engine }: Shared): Promise<Reader> {
  await using stack = new AsyncDisposableStack()
  const hub = await startHub({ agentType: 's1-linux', jobs: jobs(2, 'echo hello'), knobs: { syncMs: 100 } })
  stack.defer(() => hub.close())
  const gce = parts.includes('gce') ? stack.use(await startGce()) : undefined
  const arm = parts.includes('arm') ? stack.use(await startArm()) : undefined
  const home = newHome({
    SEMAPHORE_AGENT_NO_HTTPS: 'true',
    SEMAPHORE_AGENT_TOKEN: hub.token,
    SEMAPHORE_API_TOKEN: hub.apiToken,
    ...(parts.includes('moto') && moto?.env),
    ...(parts.includes('docker') && { DOCKER_HOST: `unix://${engine.socket}` }),
    ...gce?.env,
    ...arm?.env,
  })
  delete home.env.AGENTCTL_OWNER
  stack.defer(() => home[Symbol.dispose]())
  putOnPath(home)
  writeAgent(home)
  const folders = ['/etc/', '/opt/', '/var/lib/'].map(folder => [folder, `${home.folder}${folder}`] as const)
  for (const [, folder] of folders) mkdirSync(folder, { recursive: true })
  mkdirSync(join(home.folder, 'etc/systemd/system'), { recursive: true })
  const owned = stack.move()
  return {
    home,
    words: {
      ...Object.fromEntries(folders),
      ...azureWords(arm),
      'SEMAPHORE_AGENT_TOKEN=…': `SEMAPHORE_AGENT_TOKEN=${hub.token}`,
      'SEMAPHORE_API_TOKEN=…': `SEMAPHORE_API_TOKEN=${hub.apiToken}`,
      'acme.semaphoreci.com': hub.endpoint,
      'acme/semaphore-agent:1': image,
      // In that image.
      ...(parts.includes('docker') && {
        [`${home.folder}/opt/semaphore/agent/agent`]: '/usr/local/bin/agent',
      }),
      // What this network does not reach.
      '{ download: v2.4.0 }': '{ binary: /opt/semaphore/agent/agent }',
      'ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id':
        'ami-785db401',
      'europe-west1': 'test-west1',
      '--for 55s': '--for 3s',
      'agentctl capacity serve ': servedForAWhile,
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The file of the first page, which the others take for granted. */
export const firstFile =
  blocksOf(readFileSync(join(top, 'docs/getting-started.md'), 'utf8')).find(
    ({ info }) => info === 'yaml agentctl.yml',
  )?.text ?? ''

function writeAgent({ folder }: Home): void {
  const path = join(folder, 'opt/semaphore/agent')
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'agent'), `#!/bin/sh\nexec '${process.execPath}' '${agentPath}' "$@"\n`)
  chmodSync(join(path, 'agent'), 0o755)
}

/** Until it has said something; then it is stopped as systemd would. */
const servedForAWhile =
  '{ agentctl capacity serve --listen 127.0.0.1:0 >serve.log 2>&1 & serving=$!; until [ -s serve.log ]; do sleep 0.2; done; kill $serving; wait $serving; } '

function azureWords(arm: Arm | undefined): Words {
  if (arm === undefined) return {}
  const subnet =
    '/subscriptions/SUBSCRIPTION/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/ci/subnets/agents'
  return { [subnet]: arm.subnetId, 'resource-group: agentctl-acme-ci': `resource-group: ${arm.group}` }
}
