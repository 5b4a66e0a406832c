import type { Settings } from '../../config/types.ts'

/** Of PostgreSQL, unless its address says another one. */
const databasePort = 5432

/** TCP ports that a host calls: of the clouds, of the hub, of the database as far as its address may be seen. Pure. */
export function portsOf({ endpoint, noHttps, coordinator }: Settings): readonly number[] {
  const hub = portIn(`${noHttps ? 'http' : 'https'}://${endpoint}`) ?? (noHttps ? 80 : 443)
  const database = coordinator?.kind === 'address' ? portIn(coordinator.address) : undefined
  return [...new Set([443, hub, database ?? databasePort])].toSorted((one, other) => one - other)
}

function portIn(address: string): number | undefined {
  return Number(URL.parse(address)?.port) || undefined
}
