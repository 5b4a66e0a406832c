import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './pages.ts'

/** Edges of the first state diagram under a heading of docs/isolation.md, such as `Starting --> Registered`. */
function edgesUnder(heading: string): readonly string[] {
  const page = readFileSync(join(top, 'docs/isolation.md'), 'utf8')
  const section = page.slice(page.indexOf(`\n### ${heading}\n`))
  const [, diagram = ''] = /```mermaid\n([\s\S]*?)```/.exec(section) ?? []
  return [...diagram.matchAll(/^ +(\S+ --> \S+?)(:|$)/gm)].map(found => found[1] ?? '')
}

/** Steps of a way through the states that the diagram does not have. */
export function missingEdges(heading: string, way: readonly string[]): readonly string[] {
  const edges = edgesUnder(heading)
  return way.slice(1).flatMap((state, at) => {
    const edge = `${way[at]} --> ${state}`
    return edges.includes(edge) ? [] : [edge]
  })
}
