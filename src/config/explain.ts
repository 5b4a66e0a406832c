import { placeOf } from '../errors/index.ts'
import type { ConfigDocument } from './document.ts'
import type { Layer } from './layers.ts'
import { formatPath, isMapping, type Path } from './path.ts'
import type { Explained } from './types.ts'

/** Each effective value with where it came from, in the file's order; a list is one value. */
export function explain(
  config: unknown,
  layers: readonly Layer[],
  document: ConfigDocument,
): readonly Explained[] {
  return leaves(config, []).map(({ path, value }) => ({
    key: formatPath(path),
    value,
    ...originOf(path, layers, document),
  }))
}

function leaves(value: unknown, path: Path): readonly { readonly path: Path; readonly value: unknown }[] {
  if (!isMapping(value)) return value === undefined ? [] : [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
}

/** The last layer at the path or above it, else the file, else a default. */
export function originOf(
  path: Path,
  layers: readonly Layer[],
  document: ConfigDocument,
): Pick<Explained, 'source' | 'where'> {
  const layer = layerAt(path, layers)
  if (layer) return { source: layer.source, where: layer.where }
  const place = document.has(path) ? document.locate(path) : undefined
  return place ? { source: 'file', where: placeOf(place) } : { source: 'default', where: 'built in' }
}

export function layerAt(path: Path, layers: readonly Layer[]): Layer | undefined {
  return layers.findLast(layer => layer.path.every((part, index) => part === path[index]))
}
