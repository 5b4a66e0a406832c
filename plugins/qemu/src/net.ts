import { isIPv4 } from 'node:net'
import type { Problem } from '@agentctl/contract'
import { z } from 'zod'

/** The guest's network: QEMU's user-mode network, which needs no rights and lets nothing in from outside. */

const address = z.string().refine(isIPv4, 'is no IPv4 address')
const port = z.number().int('is no whole number').min(1, 'is below 1').max(65_535, 'is above 65535')

export const netSource = z.strictObject({
  cidr: z
    .string()
    .regex(/^\d+\.\d+\.\d+\.\d+\/([89]|1\d|2[0-8])$/, 'is no IPv4 network of /8 to /28 such as 10.0.2.0/24')
    .refine(text => isIPv4(text.split('/')[0] ?? ''), 'is no IPv4 network')
    .optional()
    .describe('Network of the guest, 10.0.2.0/24 unless given'),
  host: address.optional().describe("Address under which the guest reaches this host's loopback"),
  dns: address.optional().describe('Address under which the guest reaches the name server'),
  restrict: z.boolean().default(false).describe('No way out: neither to this host nor to the internet'),
  'metadata-port': port
    .optional()
    .describe("Port of a metadata service on this host's loopback; the guest finds it at 169.254.169.254:80"),
})

export type Net = z.output<typeof netSource>

const metadataAddress = '169.254.169.254'
/** A network around the metadata address, as slirp forwards addresses of the guest's own network only. */
const metadataNet = {
  cidr: '169.254.169.0/24',
  host: '169.254.169.2',
  dns: '169.254.169.3',
  start: '169.254.169.15',
}

/** What a schema cannot say of keys that exclude each other. Pure. */
export function netProblems(net: Readonly<Record<string, unknown>>, root: string): readonly Problem[] {
  if (net['metadata-port'] === undefined) return []
  return ['cidr', 'host', 'dns']
    .filter(key => net[key] !== undefined)
    .map(key => ({
      path: `${root}.${key}`,
      message: `cannot be chosen with metadata-port, which needs ${metadataNet.cidr}`,
    }))
}

/**
 * The value of `-netdev`, commas not yet doubled in what comes from outside. `forward` is the command that QEMU runs for
 * each connection of the guest to the metadata service. Pure.
 */
export function netdev(net: Net, forward: (port: number) => string): string {
  const port = net['metadata-port']
  const { cidr, host, dns } = port === undefined ? net : metadataNet
  const options: readonly (readonly [string, string | undefined])[] = [
    ['id', 'net'],
    ['ipv6', 'off'],
    ['net', cidr],
    ['host', host],
    ['dns', dns],
    ['dhcpstart', port === undefined ? undefined : metadataNet.start],
    ['restrict', net.restrict ? 'on' : undefined],
    ['guestfwd', port === undefined ? undefined : `tcp:${metadataAddress}:80-cmd:${forward(port)}`],
  ]
  const given = options.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${doubled(value)}`]))
  return ['user', ...given].join(',')
}

/** QEMU's options are separated by commas; one that is meant is doubled. Pure. */
export function doubled(value: string): string {
  return value.replaceAll(',', ',,')
}
