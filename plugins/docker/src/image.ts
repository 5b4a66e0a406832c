/** The parts of an image's name that the engine's API takes apart. */
export interface ImageName {
  /** Without tag and digest. */
  readonly repository: string
  /** Or a digest, `sha256:…`. Without one the engine would pull every tag. */
  readonly tag: string
  /** Undefined for the engine's default registry. */
  readonly registry?: string
}

/** Pure. */
export function parseImage(image: string): ImageName {
  const [name = '', digest] = image.split('@')
  const [, repository = name, tag = 'latest'] = /^(.*?)(?::([^:/]+))?$/.exec(name) ?? []
  const [first = '', ...rest] = repository.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  return { repository, tag: digest ?? tag, ...(isHost && { registry: first }) }
}
