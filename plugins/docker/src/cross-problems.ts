import { posix } from 'node:path'
import type { Problem } from '@agentctl/contract'
import { z } from 'zod'

/** Places of the container that are the provider's own. */
const ownTargets = ['/.agentctl', '/run/agentctl'] as const
/** Where sockets of Docker engines lie; a mount of a folder above one holds it too. */
const sockets = ['/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock'] as const
/** Of the process guest only; the linux guest needs what systemd needs. */
const processKeys = ['user', 'cap-drop', 'cap-add', 'no-new-privileges'] as const

const looseMount = z.object({ source: z.string(), target: z.string() })
const loose = z.looseObject({
  guest: z.unknown().optional(),
  mounts: z.array(z.unknown()).optional().catch([]),
  'docker-socket': z.unknown().optional(),
})

/** What is wrong between keys. Works on the raw spec, so that it is said along with what is wrong inside of them. */
export function crossProblems(raw: unknown, root: string): readonly Problem[] {
  const spec = loose.safeParse(raw).data
  if (!spec) return []
  const isAllowed = spec['docker-socket'] === true
  const mounts = (spec.mounts ?? []).flatMap((mount, index) => {
    const { data } = looseMount.safeParse(mount)
    return data ? mountProblems(data, `${root}.mounts[${index}]`, isAllowed) : []
  })
  const misplaced = spec.guest === 'linux' ? processKeys.filter(key => isSet(spec[key])) : []
  return [
    ...mounts,
    ...misplaced.map(key => ({ path: `${root}.${key}`, message: 'is for the process guest only' })),
  ]
}

function isSet(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0)
}

function mountProblems(
  mount: { readonly source: string; readonly target: string },
  path: string,
  isSocketAllowed: boolean,
): Problem[] {
  const source = plain(mount.source)
  const target = plain(mount.target)
  const holdsSocket = source.endsWith('docker.sock') || sockets.some(socket => isBelow(socket, source))
  const checks: readonly (readonly [boolean, string, string])[] = [
    [source === '/', 'source', 'may not be /: that is the whole machine of the engine'],
    [
      source !== '/' && holdsSocket && !isSocketAllowed,
      'source',
      "holds the Docker socket, which makes a job root on the engine's machine: set docker-socket: true if that is meant",
    ],
    [target === '/', 'target', 'may not be /'],
    [
      target !== '/' && ownTargets.some(own => isBelow(own, target) || isBelow(target, own)),
      'target',
      'is a place of agentctl itself',
    ],
  ]
  return checks.flatMap(([isWrong, key, message]) => (isWrong ? [{ path: `${path}.${key}`, message }] : []))
}

/** Without `..`, doubled slashes and the slash at the end. */
function plain(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}
