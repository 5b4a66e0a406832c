import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openInstruments } from '../../src/cli/metrics/instruments.ts'
import { newHome } from '../support/cli.ts'
import { missing, promtool } from './prometheus.ts'

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url))
const rulesFile = path('docs/monitoring/alerts.yml')
const rules: { alert: string; expr: string }[] = parse(readFileSync(rulesFile, 'utf8')).groups[0].rules

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
}

const dashboard: { panels: Panel[] } = JSON.parse(
  readFileSync(path('docs/monitoring/dashboard.json'), 'utf8'),
)
const panels = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })))

/** Names of what is exported, as a query has them. */
async function exported(): Promise<ReadonlySet<string>> {
  const { registry } = await openInstruments()
  const metrics = await registry.getMetricsAsJSON()
  const parts = ({ name, type }: (typeof metrics)[number]) =>
    String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
  return new Set(metrics.flatMap(parts))
}

const named = (expr: string) => expr.match(/agentctl_\w+/g) ?? []

describe('what comes with agentctl for Prometheus and Grafana', () => {
  it.skipIf(missing)(
    'alert rules: each fires on its fault, with these words, and none on a quiet day',
    () => {
      expect(promtool(['check', 'rules', rulesFile])).toMatchObject({ status: 0 })
      const tested = promtool(['test', 'rules', path('test/monitoring/alerts.test.yml')])
      expect(tested.said).toContain('SUCCESS')
      expect(tested.status).toBe(0)
      const names = parse(readFileSync(path('test/monitoring/alerts.test.yml'), 'utf8')).tests
      expect(names.map((one: { name: string }) => one.name).toSorted()).toEqual(
        [...rules.map(rule => rule.alert), 'a quiet day'].toSorted(),
      )
    },
  )

  it.skipIf(missing)('a dashboard, whose queries Prometheus reads', () => {
    using home = newHome()
    const file = `${home.folder}/queries.yml`
    const variables = (expr: string) =>
      expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\{pool:regex\}/g, '.*')
    const asRules = panels.map(({ expr }, at) => ({ record: `panel:${at}`, expr: variables(expr) }))
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: asRules }] }))
    expect(promtool(['check', 'rules', file])).toMatchObject({ status: 0 })
    expect(panels.length).toBeGreaterThan(20)
  })

  it.each([...rules.map(({ alert, expr }) => ({ title: alert, expr })), ...panels])(
    '$title asks for what is exported: $expr',
    async ({ expr }) => {
      const names = await exported()
      expect(named(expr).length).toBeGreaterThan(0)
      expect(named(expr).filter(name => !names.has(name))).toEqual([])
    },
  )
})
