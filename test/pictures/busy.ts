import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newRound, type Round } from '../support/round.ts'

/**
 * Two hundred jobs: most of them pass, after 2 to 11 seconds, and one in twenty fails. One pool holds the machines of
 * those for a look; the agent of the other cannot be started, so that its boots fail and its breaker opens.
 */
export async function busyRound(): Promise<Round> {
  const round = await newRound({ jobs: twoHundred() }, { AGENTCTL_PROVIDER: '' })
  const { hub, home } = round
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    `owner: acme-ci
endpoint: ${hub.endpoint}
no-https: true
agent-types: { ${hub.agentType}: { pools: [linux, linux-new-image] } }
pools:
  linux: { provider: local, capacity: { max: 12 }, hold-on-failure: 20s }
  linux-new-image: { provider: local, capacity: { max: 4 }, agent: { binary: /bin/false } }
`,
  )
  delete home.env.AGENTCTL_OWNER
  return round
}

function twoHundred() {
  return Array.from({ length: 200 }, (_, at) => {
    const command = at % 20 === 3 ? 'false' : `sleep ${2 + (at % 10)}`
    return { name: `job ${at}`, commands: [command] }
  })
}
