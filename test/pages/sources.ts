import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { code, markdownTable } from './table.ts'

interface Source {
  readonly page: string
  readonly read: string
  /** What is declared under the comment, with its figure where it is one. */
  readonly subject: string
}

/** Vendor pages that the code's comments name, with the day or month on which they were read. */
export function sourcesTable(folder: string): string | undefined {
  const files = globSync('src/**/*.ts', { cwd: folder }).sort()
  const found = files.flatMap(file => sourcesIn(readFileSync(join(folder, file), 'utf8')))
  if (found.length === 0) return undefined
  return markdownTable(
    ['vendor page', 'read', 'for'],
    found.map(({ page, read, subject }) => [page, read, subject]),
  )
}

/** Comments, each with the line that it stands over. */
const comments = /(\/\*\*[\s\S]*?\*\/|(?:^[ \t]*\/\/[^\n]*\n)+)\s*([^\n]*)/gm

function sourcesIn(text: string): readonly Source[] {
  return [...text.matchAll(comments)].flatMap(([, comment = '', next = '']) => {
    const words = comment.replaceAll(/^\s*(?:\/\*\*|\*\/|\*|\/\/)|\*\/$/gm, '').replaceAll(/\s+/g, ' ')
    const [, page, read = 'as of that version'] =
      /\bSources?: (.+?)(?:,? (?:read )?(\d{4}-\d{2}(?:-\d{2})?)\b|\.(?= |$))/.exec(words) ?? []
    return page === undefined ? [] : [{ page, read, subject: subjectOf(next) }]
  })
}

function subjectOf(declaration: string): string {
  const words = /^(?:export )?(?:async )?(?:const|function\*?|type|interface)? ?'?(\w+)'?/
  const [, name = ''] = words.exec(declaration) ?? []
  const [, figure] = /[:=] ([\d_]+)[,;]?$/.exec(declaration) ?? []
  return figure === undefined
    ? code(name)
    : `${code(name)}: ${Number(figure.replaceAll('_', '')).toLocaleString('en')}`
}
