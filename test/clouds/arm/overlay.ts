/** The versions whose descriptions are held; the SDKs send newer ones. */
export const heldVersions = { 'Microsoft.Compute': '2023-03-01', 'Microsoft.Network': '2022-09-01' } as const

/** Of no held description: the exchange is taken as the SDK makes it. */
export const notHeld: readonly RegExp[] = [
  /\/providers\/Microsoft\.Compute\/disks(\/|$)/,
  /\/providers\/Microsoft\.Compute\/skus$/,
  /\/providers\/Microsoft\.Compute\/galleries\//,
  /\/providers\/Microsoft\.Compute\/locations\/[^/]+\/operation(s|Results)\//,
  /\/providers\/Microsoft\.Authorization\/permissions$/,
]

type Step = string | '*'

/**
 * Fields that came after the held versions, as the descriptions of `@azure/arm-compute` 25.1 have them; read
 * 2026-11-26. They are taken out before an exchange is checked; all others must be as the held description says.
 */
const newer: readonly (readonly Step[])[] = [
  ['properties', 'networkProfile', 'networkInterfaceConfigurations', '*', 'tags'],
  [
    'properties',
    'networkProfile',
    'networkInterfaceConfigurations',
    '*',
    'properties',
    'ipConfigurations',
    '*',
    'properties',
    'publicIPAddressConfiguration',
    'tags',
  ],
  ['etag'],
  ['value', '*', 'etag'],
]

/** The same body without what is newer. */
export function asHeld(body: unknown): unknown {
  if (body === undefined) return undefined
  const copy: unknown = structuredClone(body)
  for (const path of newer) drop(copy, path)
  return copy
}

function drop(value: unknown, [step, ...rest]: readonly Step[]): void {
  if (typeof value !== 'object' || value === null || step === undefined) return
  if (Array.isArray(value)) {
    if (step === '*') for (const one of value) drop(one, rest)
    return
  }
  const record = value as Record<string, unknown>
  if (rest.length === 0) delete record[step]
  else drop(record[step], rest)
}
