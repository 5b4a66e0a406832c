import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type { ConfigMap, Service } from 'kubernetes-types/core/v1.js'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type Home, newHome, run } from '../support/cli.ts'

const config = `owner: test-ci
endpoint: hub.example:8443
agent-types: { s1-x: { token: 'env:TOKEN', pools: [here] } }
pools: { here: { provider: local } }
`

interface Objects {
  readonly kinds: readonly string[]
  readonly ConfigMap: ConfigMap
  readonly Deployment: Deployment
  readonly PodDisruptionBudget: PodDisruptionBudget
  readonly Service: Service
  readonly NetworkPolicy: NetworkPolicy
}

function newInstallation(text = config): Home {
  const home = newHome()
  writeFileSync(join(home.folder, 'agentctl.yml'), text)
  return home
}

async function objectsOf(home: Home, ...args: readonly string[]): Promise<Objects & { text: string }> {
  const flags = ['--kubernetes', '--serve', '--image', 'agentctl:1', '--namespace', 'ci', ...args]
  const { code, stdout, stderr } = await run(home, 'capacity', 'install', ...flags)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const documents = parseAllDocuments(stdout)
  expect(documents.flatMap(one => one.errors)).toEqual([])
  const objects = documents.map(one => one.toJS())
  for (const { metadata } of objects)
    expect(metadata).toMatchObject({ name: 'agentctl-test-ci', namespace: 'ci' })
  const byKind = Object.fromEntries(objects.map(one => [one.kind, one]))
  return { ...(byKind as unknown as Objects), kinds: objects.map(one => one.kind), text: stdout }
}

const podOf = ({ Deployment: { spec } }: Objects) => {
  const pod = spec?.template.spec
  const [container] = pod?.containers ?? []
  if (!spec || !pod || !container) throw new Error('no pod')
  return { spec, pod, container }
}

describe('capacity install --kubernetes --serve', () => {
  it('prints hosts that share a coordinator: what they are, and nothing that gives them rights', async () => {
    using home = newInstallation()
    const objects = await objectsOf(home)
    expect(objects.kinds).toEqual([
      ...['ServiceAccount', 'ConfigMap', 'Deployment'],
      ...['PodDisruptionBudget', 'Service', 'NetworkPolicy'],
    ])
    expect(objects.text).not.toMatch(/[&*]a\d/)
    expect(objects.ConfigMap.data?.['agentctl.yml']).toBe(config)
    const { spec, container } = podOf(objects)
    expect(spec).toMatchObject({
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
    })
    expect(container.command).toEqual([
      ...['agentctl', 'capacity', 'serve', '--listen', '0.0.0.0:9464'],
      ...['--config', '/etc/agentctl/agentctl.yml'],
    ])
    const three = podOf(await objectsOf(home, '--hosts', '3'))
    expect(three.spec.replicas).toBe(3)
  })

  it('knows each host by its pod, all of them by one owner, and the database by a secret alone', async () => {
    using home = newInstallation(`${config}coordinator: postgres://ci@db.example:6432/ci\n`)
    const objects = await objectsOf(home)
    const { container } = podOf(objects)
    const env = new Map(container.env?.map(one => [one.name, one.value ?? one.valueFrom]))
    expect(env.get('AGENTCTL_OWNER')).toBe('test-ci')
    expect(env.get('AGENTCTL_HOST')).toEqual({ fieldRef: { fieldPath: 'metadata.name' } })
    expect(env.get('AGENTCTL_COORDINATOR')).toEqual({
      secretKeyRef: { name: 'agentctl-test-ci', key: 'AGENTCTL_COORDINATOR' },
    })
    const [, calls] = objects.NetworkPolicy.spec?.egress ?? []
    expect(calls?.ports?.map(one => one.port)).toEqual([443, 6432, 8443])
  })

  it('asks for no more than the profile "restricted" of Kubernetes allows', async () => {
    using home = newInstallation()
    const { pod, container } = podOf(await objectsOf(home))
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers'])
      expect(pod).not.toHaveProperty(key)
    const sources = pod.volumes?.flatMap(({ name: _, ...source }) => Object.keys(source))
    expect(new Set(sources)).toEqual(new Set(['emptyDir', 'configMap']))
    expect(container.resources?.requests).toMatchObject({ cpu: '100m', memory: '256Mi' })
    expect(container.resources?.limits).toEqual({ memory: '1Gi' })
    const written = ['AGENTCTL_STATE_DIR', 'HOME'].map(
      name => container.env?.find(one => one.name === name)?.value,
    )
    const mounts = new Map(container.volumeMounts?.map(one => [one.mountPath, one.name]))
    const kept = written.map(path => pod.volumes?.find(one => one.name === mounts.get(path ?? '')))
    expect(kept.map(one => one?.emptyDir)).toEqual([{}, {}])
  })

  it('points everything at the pods it makes: budget, service, network, spread and probes', async () => {
    using home = newInstallation()
    const objects = await objectsOf(home)
    const { spec, pod, container } = podOf(objects)
    const labels = spec.template.metadata?.labels
    expect(labels).toBeDefined()
    const selectors = [
      spec.selector.matchLabels,
      objects.PodDisruptionBudget.spec?.selector?.matchLabels,
      objects.Service.spec?.selector,
      objects.NetworkPolicy.spec?.podSelector.matchLabels,
      ...(pod.topologySpreadConstraints ?? []).map(one => one.labelSelector?.matchLabels),
    ]
    expect(selectors).toEqual(Array(6).fill(labels))
    expect(objects.PodDisruptionBudget.spec?.maxUnavailable).toBe(1)
    expect(pod.topologySpreadConstraints?.map(one => one.topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ])
    const [port] = container.ports ?? []
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: port?.name })
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: port?.name })
    expect(objects.Service.spec?.ports?.[0]?.targetPort).toBe(port?.name)
    expect(objects.NetworkPolicy.spec?.ingress?.[0]?.ports?.[0]?.port).toBe(port?.containerPort)
    expect(spec.template.metadata?.annotations?.['prometheus.io/port']).toBe(String(port?.containerPort))
    expect(container.command).toContain(`0.0.0.0:${port?.containerPort}`)
    // Longer than a look that hangs in each of its calls.
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(180)
  })

  it('is not for cron, and counts hosts nowhere else', async () => {
    using home = newInstallation()
    const install = (...args: readonly string[]) => run(home, 'capacity', 'install', ...args)
    expect(await install('--cron', '--serve')).toMatchObject({ code: 2 })
    expect(await install('--systemd', '--serve', '--hosts', '2')).toMatchObject({ code: 2 })
    expect(await install('--kubernetes', '--image', 'x', '--hosts', '2')).toMatchObject({ code: 2 })
  })
})

const wrapper = ['unshare', '--user', '--map-user=10001', '--map-group=10001']
const canMap = spawnSync('unshare', [...wrapper.slice(1), 'true']).status === 0
if (!canMap && process.env.CI) throw new Error('this test needs user namespaces')

it.skipIf(!canMap)('a user without a name, as a pod has, can be who runs agentctl', async () => {
  using home = newInstallation()
  const { AGENTCTL_OWNER: _, ...env } = home.env
  const shown = await run({ ...home, env, wrapper }, 'config', 'show', '--json')
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  writeFileSync(join(home.folder, 'agentctl.yml'), config.replace('owner: test-ci\n', ''))
  const { stdout } = await run({ ...home, env, wrapper }, 'config', 'show', '--explain')
  expect(stdout).toMatch(/owner.*user-10001-/)
})
