import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Parts, withParts } from './parts.ts'
import type { Page } from './providers.ts'
import { markdownTable } from './table.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Of the whole table of benchmarks, what a newcomer wants to know. */
const shortForm = [
  /^`agentctl --(version|help)`$/,
  /^the same, beyond the import/,
  /^`(eslint|aws-cdk) .* --help`$/,
  /^busy tick .*, 10000 machines$/,
  /^peak memory, (100|10000) machines/,
  /^launches of 1000 machines/,
  /^user data of a launch of 100,/,
  /^`(create|list)`, /,
  /^start to registered/,
]

/** The README of the project, with the short forms of the pages that hold the figures. */
export function readmePage(): Page {
  const file = at('README.md')
  const text = readFileSync(file, 'utf8')
  return { file, text, made: withParts(text, partsOf()) }
}

function partsOf(): Parts {
  const bench = rowsOf('docs/benchmarks.md', 'Benchmarks')
  const proof = rowsOf('docs/proof.md', 'Figures').filter(
    ([what = '']) => !/^(worst orphan life|what$)/.test(what),
  )
  return {
    proof: markdownTable(['what', 'how many'], proof),
    bench: markdownTable(
      ['what', 'figure', 'at most'],
      bench.filter(([, what = '']) => shortForm.some(one => one.test(what))).map(([, ...rest]) => rest),
    ),
    sizes: sizesTable(bench.filter(([benchmark]) => benchmark === 'size')),
  }
}

/** The cells of all tables under a heading of a page. */
function rowsOf(path: string, heading: string): readonly (readonly string[])[] {
  const sections = readFileSync(at(path), 'utf8').split(/^#+ /m)
  const section = sections.find(text => text.startsWith(`${heading}\n`)) ?? ''
  return section
    .split('\n')
    .filter(line => line.startsWith('| ') && !line.startsWith('| ---'))
    .map(line =>
      line
        .slice(1, -1)
        .split('|')
        .map(cell => cell.trim()),
    )
}

/** A line a package: its tarball, and what it is installed. */
function sizesTable(rows: readonly (readonly string[])[]): string {
  const byPackage = Map.groupBy(rows, ([, what = '']) => what.split(',')[0] ?? '')
  return markdownTable(
    ['package', 'tarball', 'installed with all it needs', 'files'],
    [...byPackage].map(([name, of]) => {
      const figure = (what: RegExp) => of.find(([, text = '']) => what.test(text))?.[2] ?? ''
      return [
        name,
        figure(/its tarball/),
        figure(/, installed/),
        figure(/files installed/).replace(' files', ''),
      ]
    }),
  )
}
