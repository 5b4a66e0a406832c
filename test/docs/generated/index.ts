import { errorsTable } from './errors.ts'
import { lifeDiagram, reasonsTable } from './life.ts'
import { agentTable, choicesTable, keysTable } from './settings.ts'

/** What is generated into pages, by its name in their markers. */
export const generated: Readonly<Record<string, () => string>> = {
  'keys of the whole file': () => keysTable('whole file'),
  'keys of agent types': () => keysTable('agent types'),
  'keys of pools': () => keysTable('pools'),
  'keys of bootstrap': () => keysTable('bootstrap'),
  'settings of the agent': agentTable,
  choices: choicesTable,
  'error codes': errorsTable,
  'end reasons': reasonsTable,
  'the life of a machine': lifeDiagram,
}

const marked = /(<!-- generated: (.*?) -->\n)[\s\S]*?(<!-- end -->)/g

/** The page with everything generated in it as the code says it now. */
export function filled(page: string): string {
  return page.replaceAll(marked, (_, open: string, name: string, close: string) => {
    const make = generated[name]
    if (make === undefined) throw new Error(`Nothing is generated under the name ${name}`)
    return `${open}${make()}\n${close}`
  })
}

/** Names that a page asks for. */
export function generatedIn(page: string): readonly string[] {
  return [...page.matchAll(marked)].map(found => found[2] ?? '')
}
