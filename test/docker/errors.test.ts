import { expect, test } from 'vitest'
import { errorTable } from '../../plugins/docker/src/error-table.ts'
import { mayHaveArrived, toContractError } from '../../plugins/docker/src/errors.ts'

const http = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message} `), {
    statusCode,
    json: { message },
  })
const system = (code: string, syscall = 'connect') =>
  Object.assign(new Error(`${syscall} ${code} /var/run/docker.sock`), { code, syscall })

/** What engines and registries have said, row by row of the table. */
const rows: readonly (readonly [string, unknown, string])[] = [
  ['no socket', system('ENOENT'), 'unavailable'],
  ['no listener', system('ECONNREFUSED'), 'unavailable'],
  ['a socket of others', system('EACCES'), 'permission-denied'],
  ['no such host', system('ENOTFOUND', 'getaddrinfo'), 'unavailable'],
  ['TLS to a plain port', system('EPROTO', 'write'), 'unauthenticated'],
  ['a certificate of nobody', system('DEPTH_ZERO_SELF_SIGNED_CERT'), 'unauthenticated'],
  ['a connection that broke', system('ECONNRESET', 'read'), 'unavailable'],
  ['plain to a TLS port', http(400, 'Client sent an HTTP request to an HTTPS server.'), 'unauthenticated'],
  [
    'a private image',
    http(404, "pull access denied for x/y, repository does not exist or may require 'docker login': denied"),
    'unauthenticated',
  ],
  ['too many pulls', http(500, 'toomanyrequests: You have reached your pull rate limit.'), 'rate-limited'],
  [
    'another platform',
    http(
      404,
      'image with reference t:1 was found but does not match the specified platform: wanted linux/arm64',
    ),
    'invalid-spec',
  ],
  [
    'no such tag',
    http(404, 'manifest for x/y:9 not found: manifest unknown: manifest unknown'),
    'invalid-spec',
  ],
  ['no such image', http(404, 'No such image: nope:1'), 'invalid-spec'],
  ['a full disk', http(500, 'mkdir /data/overlay2/x: no space left on device'), 'capacity-unavailable'],
  ['no memory', http(500, 'fork/exec /proc/self/exe: cannot allocate memory'), 'capacity-unavailable'],
  ['no address', http(500, 'no available IPv4 addresses on this network'), 'capacity-unavailable'],
  ['no such network', http(404, 'network ci not found'), 'invalid-spec'],
  ['no such runtime', http(400, 'Unknown runtime specified gvisor'), 'invalid-spec'],
  [
    'no such mount',
    http(400, 'invalid mount config for type "bind": bind source path does not exist: /nonexist'),
    'invalid-spec',
  ],
  ['too many processors', http(400, 'Range of CPUs is from 0.01 to 2.00'), 'invalid-spec'],
  [
    'no such user',
    http(400, 'unable to find user ghost: no matching entries in passwd file'),
    'invalid-spec',
  ],
  ['no init', http(500, 'exec: "docker-init": executable file not found in $PATH'), 'unsupported'],
  [
    'no bash',
    http(400, 'OCI runtime create failed: exec: "bash": executable file not found in $PATH: unknown'),
    'invalid-spec',
  ],
  [
    'no registry',
    http(500, 'Get "http://x/v2/": dial tcp 127.0.0.1:1: connect: connection refused'),
    'unavailable',
  ],
  [
    'a runtime that refuses',
    http(500, 'OCI runtime create failed: cgroup: permission denied'),
    'unsupported',
  ],
  ['a busy container', http(409, 'removal of container abc is already in progress'), 'unavailable'],
  ['not logged in', http(401, 'who are you'), 'unauthenticated'],
  ['a plugin that forbids', http(403, 'authorization denied by plugin x'), 'permission-denied'],
  ['gone', http(404, 'No such container: abc'), 'unavailable'],
  ['a name that is taken', http(409, 'Conflict. The container name "/abc" is already in use'), 'conflict'],
  ['throttled', http(429, 'slow down'), 'rate-limited'],
  ['a bad request', http(400, 'json: cannot unmarshal'), 'invalid-spec'],
  ['a failure', http(500, 'something else'), 'unavailable'],
  ['a gateway without an answer', http(502, 'bad gateway'), 'unavailable'],
  ['not ready', http(503, 'service unavailable'), 'unavailable'],
  ['a gateway that gave up', http(504, 'gateway timeout'), 'unavailable'],
]

test.each(rows)('%s', (_, cause, code) => {
  const error = toContractError(cause, 'launch of abc')
  expect(error).toMatchObject({ code, cause, fault: expect.any(String) })
  expect(error.message).toMatch(/^launch of abc failed: /)
  if (['unauthenticated', 'permission-denied'].includes(code)) expect(error.hint).toMatch(/\.$/)
})

test('every row of the table is met by a case of its own', () => {
  const reasons = rows.map(([, cause]) => toContractError(cause, 'x').message.replace('x failed: ', ''))
  expect(errorTable.map(({ why }) => why).filter(why => !reasons.includes(why))).toEqual([])
})

test("the fault is what the engine said, without docker-modem's words", () => {
  const bare = Object.assign(http(409, 'The name is in use'), { json: null })
  expect(toContractError(bare, 'x').fault).toBe('The name is in use')
})

test('what has no row is internal', () => {
  expect(toContractError(new Error('odd'), 'list')).toMatchObject({
    code: 'internal',
    message: 'list failed: odd',
  })
  expect(toContractError('odd', 'list')).toMatchObject({ code: 'internal', fault: 'odd' })
})

test.each([
  [system('ECONNREFUSED'), false],
  [system('ETIMEDOUT'), false],
  [system('ECONNRESET', 'read'), true],
  [system('ETIMEDOUT', 'read'), true],
  [Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), true],
  [Object.assign(new Error('aborted'), { code: 'ABORT_ERR' }), true],
  [http(500, 'failed'), false],
  [http(502, 'bad gateway'), true],
  [new TypeError('a mistake'), false],
])('%s may have arrived: %s', (error, may) => {
  expect(mayHaveArrived(error)).toBe(may)
})
