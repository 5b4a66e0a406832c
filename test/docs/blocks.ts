/** A fenced block of a page. */
export interface Block {
  /** Such as `sh`, `text`, `yaml` or `yaml agentctl.yml`. */
  readonly info: string
  readonly text: string
}

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({ info, text }))
}

/** A thing to type, or a file to have, in the page's order; `expected` is the `text` block right after a command. */
export type Act =
  | { readonly do: 'type'; readonly script: string; readonly expected?: string }
  | { readonly do: 'write'; readonly file: string; readonly text: string }

export function actsOf(page: string): readonly Act[] {
  const blocks = blocksOf(page)
  return blocks.flatMap(({ info, text }, at): Act[] => {
    const next = blocks[at + 1]
    if (info === 'sh') {
      return [{ do: 'type', script: text, ...(next?.info === 'text' && { expected: next.text }) }]
    }
    const [language, file] = info.split(' ')
    return language === 'yaml' && file !== undefined ? [{ do: 'write', file, text }] : []
  })
}
