import type { ErrorCode } from '@agentctl/contract'

/** Which errors a row fits: by one of the three first keys; what it says of them. */
export interface Row {
  /** Node's error code, of a connection that could not be made. */
  readonly errno?: readonly string[]
  /** Status of the engine's answer. */
  readonly status?: number
  /** In the engine's words, or the registry's. */
  readonly text?: RegExp
  readonly code: ErrorCode
  readonly why: string
  readonly hint?: string
  readonly retryAfterMs?: number
}

const startHint = 'Start Docker, or name the engine in DOCKER_HOST (or host: of the provider docker).'
const imageHint = 'Check image: and its tag, or pull it by hand: docker pull IMAGE.'

/** What the engine's errors ask for; the first row that fits decides. One that none fits is `internal`. */
export const errorTable: readonly Row[] = [
  {
    errno: ['ENOENT', 'ECONNREFUSED'],
    code: 'unavailable',
    why: 'no Docker engine listens there',
    hint: startHint,
  },
  {
    errno: ['EACCES', 'EPERM'],
    code: 'permission-denied',
    why: 'this user may not use the Docker socket',
    hint: 'Add the user to the group docker, which is as much as root, or run as root.',
  },
  {
    errno: ['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'],
    code: 'unavailable',
    why: 'the host of the Docker engine cannot be reached',
    hint: startHint,
  },
  {
    errno: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    code: 'unauthenticated',
    why: 'the engine does not speak TLS there',
    hint: 'Unset DOCKER_TLS_VERIFY, or name the port where the engine speaks TLS.',
  },
  {
    errno: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    code: 'unauthenticated',
    why: 'the certificate of the engine is not trusted',
    hint: 'Name the folder with the right ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH.',
  },
  {
    errno: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CONSTANT'],
    code: 'unavailable',
    why: 'the connection to the Docker engine broke off',
    hint: startHint,
  },
  {
    text: /HTTP request to an HTTPS server/i,
    code: 'unauthenticated',
    why: 'the engine wants TLS',
    hint: 'Set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder with the certificates.',
  },
  {
    text: /pull access denied|no basic auth credentials|unauthorized|authentication required|incorrect username or password/i,
    code: 'unauthenticated',
    why: 'the registry does not give this image to these credentials, or has no such image',
    hint: 'Check image:, and give registry: {username: env:NAME, password: env:NAME} where it is private.',
  },
  {
    text: /toomanyrequests|too many requests|rate limit/i,
    code: 'rate-limited',
    why: 'the registry has had too many requests',
    hint: 'Pull the image by hand once, or give registry: credentials with a higher limit.',
    retryAfterMs: 60_000,
  },
  {
    text: /does not match the specified platform|no matching manifest|no match for platform|image operating system .* cannot be used/i,
    code: 'invalid-spec',
    why: 'the image is not there for this platform',
    hint: 'Set platform: to one that image and engine have, such as linux/amd64.',
  },
  {
    text: /no such image|manifest unknown|manifest for .* not found|repository does not exist|not found: manifest|invalid reference format/i,
    code: 'invalid-spec',
    why: 'there is no such image',
    hint: imageHint,
  },
  {
    text: /no space left on device|disk quota exceeded/i,
    code: 'capacity-unavailable',
    why: 'the disk of the Docker engine is full',
    hint: 'Free some space on the engine: docker system df shows what takes it.',
  },
  {
    text: /cannot allocate memory|resource temporarily unavailable|too many open files/i,
    code: 'capacity-unavailable',
    why: 'the machine of the Docker engine has no room for one more container',
    hint: 'Run fewer instances at once (max), or give that machine more memory and processes.',
  },
  {
    text: /no available (ipv4 )?addresses|could not find an available|address pool/i,
    code: 'capacity-unavailable',
    why: 'the network has no address left',
    hint: 'Use a network: with a larger subnet, or run fewer instances at once (max).',
  },
  {
    text: /network \S+ not found|no such network/i,
    code: 'invalid-spec',
    why: 'there is no such network on the engine',
    hint: 'Make it with docker network create, or correct network: of the spec.',
  },
  {
    text: /unknown (or invalid )?runtime/i,
    code: 'invalid-spec',
    why: 'the engine has no such runtime',
    hint: 'docker info lists the runtimes that the engine has; correct runtime: of the spec.',
  },
  {
    text: /bind source path does not exist|invalid mount (config|path|target)/i,
    code: 'invalid-spec',
    why: 'a mount cannot be made',
    hint: 'A source: of mounts must be there on the machine of the engine.',
  },
  {
    text: /range of cpus|minimum memory limit|invalid cpus|invalid memory/i,
    code: 'invalid-spec',
    why: 'the machine of the engine cannot give these limits',
    hint: 'Correct cpus: and memory: of the spec.',
  },
  {
    text: /unable to find (user|group)|no matching entries in (passwd|group) file/i,
    code: 'invalid-spec',
    why: 'the image has no such user',
    hint: 'Correct user: of the spec, or give numbers, such as 1000:1000.',
  },
  {
    text: /docker-init|init binary/i,
    code: 'unsupported',
    why: 'the engine has no init for its containers',
    hint: 'Install docker-init (tini) on the machine of the engine.',
  },
  {
    text: /executable file not found|exec format error|exec: .*no such file or directory/i,
    code: 'invalid-spec',
    why: 'the image cannot run the guest',
    hint: 'The process guest needs bash and the coreutils in the image, the linux guest /sbin/init, both for this processor.',
  },
  {
    text: /dial tcp|tls handshake timeout|i\/o timeout|no such host|failed to do request|net\/http:/i,
    code: 'unavailable',
    why: 'the registry cannot be reached',
    hint: 'Check the network of the machine with the engine, or pull the image by hand.',
  },
  {
    text: /oci runtime|failed to create (shim )?task/i,
    code: 'unsupported',
    why: 'the runtime of the engine cannot start such a container',
    hint: 'Try docker run with the same image and limits on the machine of the engine.',
  },
  {
    text: /removal of container \S+ is already in progress|device or resource busy/i,
    code: 'unavailable',
    why: 'the engine is still busy with the container',
  },
  {
    status: 401,
    code: 'unauthenticated',
    why: 'the engine wants to know who asks',
    hint: 'Check the certificates in DOCKER_CERT_PATH, or what stands in front of the engine.',
  },
  {
    status: 403,
    code: 'permission-denied',
    why: 'an authorization plugin of the engine forbids it',
    hint: 'The provider lists, makes, starts, stops and removes containers, and pulls images: allow these.',
  },
  { status: 404, code: 'unavailable', why: 'the container went away meanwhile' },
  { status: 409, code: 'conflict', why: 'the name or the state of the container does not allow it' },
  { status: 429, code: 'rate-limited', why: 'the engine has had too many requests', retryAfterMs: 5_000 },
  {
    status: 400,
    code: 'invalid-spec',
    why: 'the engine does not take the request',
    hint: 'Its own words say which part of the spec it refuses.',
  },
  { status: 500, code: 'unavailable', why: 'the engine could not do it' },
  { status: 502, code: 'unavailable', why: 'what stands in front of the engine gets no answer' },
  { status: 503, code: 'unavailable', why: 'the engine is not ready' },
  { status: 504, code: 'unavailable', why: 'what stands in front of the engine gets no answer' },
]
