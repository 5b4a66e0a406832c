import { createHash } from 'node:crypto'
import { escaped } from './html.ts'
import { script } from './script.ts'
import type { Sections } from './sections.ts'
import { style } from './style.ts'

/** One that has none brings its own where there is anything to show. */
const headings: Readonly<Record<keyof Sections, string>> = {
  figures: '',
  trouble: 'What is wrong',
  pools: 'Pools',
  queue: 'Queue',
  hosts: '',
  machines: 'Machines',
  decisions: 'Decisions',
}

/** Before the first look. */
export const nothingYet: Sections = {
  figures: '',
  trouble: '<p>The first look is not over yet.</p>',
  pools: '',
  queue: '',
  hosts: '',
  machines: '<p>None.</p>',
  decisions: '<p>None since it was started.</p>',
}

/** The whole page; it asks for nothing but its own events. */
export function pageDocument(owner: string, sections: Sections): string {
  const parts = Object.entries(headings).map(([id, heading]) => {
    const html = sections[id as keyof Sections]
    if (id === 'figures') return `<dl id="${id}">${html}</dl>`
    if (heading === '') return `<div id="${id}">${html}</div>`
    return `<h2>${heading}</h2><div id="${id}">${html}</div>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>agentctl: ${escaped(owner)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header><h1>agentctl: ${escaped(owner)}</h1><p id="live" role="status">not connected yet</p></header>
<main>
${parts.join('\n')}
<footer><p>Read-only. To act: agentctl instances, agentctl reap, agentctl capacity plan.</p></footer>
</main>
<script>${script}</script>
</body>
</html>
`
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing but this very style and script, and events from where the page came from. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}
