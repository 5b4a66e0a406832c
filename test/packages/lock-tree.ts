/** A package in the lock file. */
export interface Locked {
  readonly version?: string
  readonly license?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export type Lock = Readonly<Record<string, Locked>>

/** The places in the lock file of all that a package brings along when it is installed, found as Node finds it. Pure. */
export function broughtAlong(lock: Lock, root: string): readonly string[] {
  const found = new Set<string>()
  const open = [root]
  for (const at of open) {
    for (const name of wantedBy(lock[at] ?? {})) {
      const place = placeOf(lock, name, at)
      if (place === undefined || found.has(place)) continue
      found.add(place)
      open.push(place)
    }
  }
  return [...found].sort()
}

/** npm installs the peers of what it installs, except for those that are optional. */
function wantedBy({
  dependencies,
  optionalDependencies,
  peerDependencies = {},
  peerDependenciesMeta = {},
}: Locked): readonly string[] {
  const peers = Object.keys(peerDependencies).filter(name => !peerDependenciesMeta[name]?.optional)
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]
}

/** From the folder of who asks outward; a link leads to the workspace itself. */
function placeOf(lock: Lock, name: string, at: string): string | undefined {
  const place = [at, '']
    .flatMap(folder => ancestors(folder))
    .map(folder => `${folder}node_modules/${name}`)
    .find(one => lock[one])
  return place !== undefined && lock[place]?.link ? lock[place]?.resolved : place
}

function ancestors(folder: string): readonly string[] {
  if (folder === '') return ['']
  const [outer = ''] = /^(.*?)\/?node_modules\/(?:@[^/]+\/)?[^/]+$/.exec(folder)?.slice(1) ?? ['']
  return [`${folder}/`, ...ancestors(outer)]
}
