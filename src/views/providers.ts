import type { ProviderDetails, ProviderRow } from '../operations/providers.ts'
import { span, table } from './table.ts'

/** Installed and known providers; what a machine that powers itself off leaves is the first thing to know of a cloud. */
export function providerTable(rows: readonly ProviderRow[]): readonly string[] {
  return table(
    ['PROVIDER', 'VERSION', 'POWER-OFF', 'OWN TTL', 'SPOT', 'BATCH', 'GUESTS', 'PLUGIN'],
    rows.map(({ provider, plugin, version, capabilities, install }) => [
      provider,
      version ?? '-',
      capabilities?.poweroff ?? '?',
      answer(capabilities?.platformTtl),
      answer(capabilities?.spot),
      String(capabilities?.launchBatchMax ?? '?'),
      capabilities?.guests.join(', ') ?? '?',
      install ?? plugin,
    ]),
  )
}

function answer(isSo: boolean | undefined): string {
  return isSo === undefined ? '?' : isSo ? 'yes' : 'no'
}

export function providerLines({
  provider,
  plugin,
  version,
  capabilities,
  spec,
}: ProviderDetails): readonly string[] {
  const { rates, ...rest } = capabilities
  const properties = Object.entries(
    (spec.properties ?? {}) as Record<string, { type?: unknown; description?: unknown }>,
  )
  return [
    `${provider}: ${plugin} ${version}`,
    '',
    ...table(
      ['CAPABILITY', 'VALUE'],
      [
        ...Object.entries(rest).map(([name, value]) => [name, shown(name, value)]),
        ...Object.entries(rates).map(([name, rate]) => [
          `rate of ${name}`,
          `${rate.burst}, then ${rate.perSecond} a second`,
        ]),
      ],
    ),
    '',
    ...table(
      ['SPEC KEY', 'TYPE', 'MEANING'],
      properties.map(([name, { type, description }]) => [
        name,
        String(type ?? 'any'),
        String(description ?? ''),
      ]),
    ),
  ]
}

function shown(name: string, value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return 'no limit: until the next tick or reap'
  if (name.endsWith('Ms')) return span(Number(value))
  return Array.isArray(value) ? value.join(', ') : String(value)
}
