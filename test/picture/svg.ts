import type { Frame } from './screen.ts'

const letter = { width: 7.83, height: 18, size: 13 }
const margin = 16
/** How long the last moment stands before it begins again. Unit: milliseconds. */
const restMs = 6_000
/** What stands for less is not seen. Unit: milliseconds. */
const seenMs = 40

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/**
 * Moments as one picture that moves, for light and dark pages. Who wants nothing to move, or cannot have it, sees the
 * last one. Pure.
 */
export function svgOf(title: string, moments: readonly Frame[]): string {
  const frames = moments.filter(
    ({ atMs }, at) => (moments[at + 1]?.atMs ?? Number.POSITIVE_INFINITY) - atMs >= seenMs,
  )
  const columns = Math.max(...frames.flatMap(({ lines }) => lines.map(line => line.length)))
  const width = Math.ceil(columns * letter.width + 2 * margin)
  const height = Math.max(...frames.map(({ lines }) => lines.length)) * letter.height + 2 * margin
  const endMs = (frames.at(-1)?.atMs ?? 0) + restMs
  const share = (ms: number) => `${((100 * ms) / endMs).toFixed(2)}%`
  const steps = frames.map(({ atMs }, at) => {
    const next = frames[at + 1]
    const begin = atMs === 0 ? '' : '0%{visibility:hidden}'
    const end = next ? `${share(next.atMs)}{visibility:hidden}` : '100%{visibility:visible}'
    return `@keyframes m${at}{${begin}${share(atMs)}{visibility:visible}${end}}.m${at}{animation:m${at} ${endMs}ms step-end infinite}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    '<style>',
    `text{font:${letter.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:#1f2328}`,
    'rect{fill:#f6f8fa;stroke:#d0d7de}g{visibility:hidden}g:last-of-type{visibility:visible}',
    '@media(prefers-color-scheme:dark){text{fill:#e6edf3}rect{fill:#0d1117;stroke:#30363d}}',
    `@media(prefers-reduced-motion:no-preference){${steps.join('')}}`,
    '</style>',
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...frames.map(({ lines }, at) => `<g class="m${at}">${lines.map(textOf).join('')}</g>`),
    '</svg>',
    '',
  ].join('\n')
}

function textOf(line: string, at: number): string {
  if (line === '') return ''
  const y = margin + (at + 0.75) * letter.height
  const length = (line.length * letter.width).toFixed(1)
  return `<text x="${margin}" y="${y}" textLength="${length}" xml:space="preserve">${escaped(line)}</text>`
}
