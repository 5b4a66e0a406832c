import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run, start, until } from '../support/cli.ts'
import { jobs, newRound, type Round } from '../support/round.ts'
import { missing, promtool, startPrometheus } from './prometheus.ts'

const rules = fileURLToPath(new URL('../../docs/monitoring/alerts.yml', import.meta.url))

function configure({ hub, home }: Round, change = ''): void {
  writeFileSync(
    join(home.folder, 'agentctl.yml'),
    `owner: test-ci
endpoint: ${hub.endpoint}
no-https: true
agent-types: { ${hub.agentType}: { pools: [here] } }
pools: { here: { provider: local${change} } }
`,
  )
}

interface Alerts {
  readonly data: {
    readonly alerts: readonly { readonly state: string; readonly labels: Record<string, string> }[]
  }
}

interface Values {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

describe.skipIf(missing)('a real Prometheus', () => {
  it('scrapes a serving agentctl, and its alert of failing boots fires when they fail', async () => {
    await using round = await newRound({}, { AGENTCTL_PROVIDER: '' })
    configure(round, ', agent: { binary: /bin/false }')
    const served = start(round.home, 'capacity', 'serve', '--listen', '127.0.0.1:0')
    await until('it listens', () => /http:\S+\/metrics/.test(served.output()), 60_000)
    const target = /http:\/\/(\S+)\/metrics/.exec(served.output())?.[1] ?? ''
    await using prometheus = await startPrometheus(target, rules)
    const value = async (query: string) => {
      const answer = (await prometheus.ask(`query?query=${encodeURIComponent(query)}`)) as Values
      return answer.data.result[0]?.value[1]
    }
    const gone = 'sum(agentctl_gone_total{reason="agent-failed"})'
    await until('the first look is scraped', async () => (await value(gone)) === '0', 60_000)

    round.hub.queue(jobs(6, 'true'))

    const alerts = async () => ((await prometheus.ask('alerts')) as Alerts).data.alerts
    const stateOf = async (name: string) =>
      (await alerts()).find(({ labels }) => labels.alertname === name && labels.pool === 'here')?.state
    await until('the alert fires', async () => (await stateOf('AgentctlBootsFail')) === 'firing', 60_000)
    // The breaker's own alert waits for two minutes of it.
    await until(
      'the breaker is seen',
      async () => (await stateOf('AgentctlBreakerOpen')) === 'pending',
      60_000,
    )
    expect(Number(await value(gone))).toBeGreaterThanOrEqual(5)
    expect(await value('agentctl_jobs{state="queued"}')).toBe('6')
    expect(Number(await value('time() - agentctl_hub_seen_timestamp_seconds'))).toBeLessThan(60)
    const text = await (await fetch(`http://${target}/metrics`)).text()
    expect(promtool(['check', 'metrics'], text)).toEqual({ status: 0, said: '' })
    served.child.kill('SIGTERM')
    await served.ended
  })

  it('is told the same by runs from cron, whose counts go on from run to run', async () => {
    await using round = await newRound({ jobs: jobs(2, 'true') }, { AGENTCTL_PROVIDER: '' })
    configure(round)
    const file = join(round.home.folder, 'agentctl.prom')
    const once = (...flags: string[]) => run(round.home, 'capacity', 'run', '--metrics-file', file, ...flags)
    const text = () => readFileSync(file, 'utf8')
    const sampled = (sample: string) =>
      Number(
        text()
          .split('\n')
          .find(line => line.startsWith(`${sample} `))
          ?.split(' ')
          .at(-1),
      )

    expect(await once()).toMatchObject({ code: 0 })
    expect(sampled('agentctl_launched_total{pool="here"}')).toBe(2)
    await until(
      'both are gone',
      async () => {
        await once()
        return sampled('agentctl_gone_total{pool="here",reason="job-finished"}') === 2
      },
      60_000,
    )
    expect(sampled('agentctl_launched_total{pool="here"}')).toBe(2)
    expect(sampled('agentctl_start_duration_seconds_count{pool="here"}')).toBe(2)
    expect(sampled('agentctl_phase_duration_seconds_count{pool="here",phase="online"}')).toBe(2)
    expect(sampled('agentctl_api_calls_total{provider="local",class="launch",outcome="ok"}')).toBeGreaterThan(
      0,
    )
    expect(promtool(['check', 'metrics'], text())).toEqual({ status: 0, said: '' })

    const looks = sampled('agentctl_ticks_total{outcome="complete"}')
    const readAt = sampled(`agentctl_hub_seen_timestamp_seconds{agent_type="${round.hub.agentType}"}`)
    await round.hub.close()
    await once()
    expect(sampled('agentctl_ticks_total{outcome="partial"}')).toBe(1)
    expect(sampled('agentctl_ticks_total{outcome="complete"}')).toBe(looks)
    expect(sampled(`agentctl_hub_seen_timestamp_seconds{agent_type="${round.hub.agentType}"}`)).toBe(readAt)
  })
})
