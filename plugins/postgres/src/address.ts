import { contractError } from '@agentctl/contract'

/** Where the database is. */
export interface Address {
  /** As the driver takes it. Holds the password, where the address has one. */
  readonly connectionString: string
  /** For people, without user and password. */
  readonly place: string
  /** What must stand in no line and no error. */
  readonly secrets: readonly string[]
}

const hint =
  'Write postgres://USER@HOST:PORT/DATABASE. One host: where several serve, name what leads to the one that writes.'

/** Modes that the driver takes for `verify-full` today, and warns of on standard error. */
const verified: readonly string[] = ['prefer', 'require', 'verify-ca']

/** Pure. @throws `invalid-spec` for what is no address; the error does not repeat it, for it may hold a password */
export function parseAddress(address: string): Address {
  // An address without a host is one of a socket: the parser wants some host there.
  const url = URL.parse(address.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@?)(?=\/|$)/, withHost))
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol))
    throw contractError('invalid-spec', 'The address of the coordinator is none of a PostgreSQL database', {
      hint,
    })
  const mode = url.searchParams.get('sslmode')
  if (mode && verified.includes(mode)) url.searchParams.set('sslmode', 'verify-full')
  const password = url.searchParams.get('password') ?? decoded(url.password)
  return {
    connectionString: url.href,
    place: placeOf(url),
    secrets: [...new Set([password, url.password])].filter(Boolean),
  }
}

function withHost(start: string): string {
  return /\/\/$|@$/.test(start) ? `${start}localhost` : start
}

function placeOf(url: URL): string {
  const host = url.searchParams.get('host') ?? url.hostname
  const database = decoded(url.pathname.slice(1)) || decoded(url.username) || 'postgres'
  return `the database ${database} on ${host}${url.port && `:${url.port}`}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
