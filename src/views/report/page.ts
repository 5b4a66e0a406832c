import type { FailureFigure, Figures } from '../../history/figures.ts'
import { type Html, html, trusted } from '../html.ts'
import { capacityChart, phaseBars, timeline } from './charts.ts'
import { reportStyle } from './style.ts'
import { headlines, type ReportTable, reportTables } from './tables.ts'
import { isoOf } from './text.ts'

/** Lines of a console that are shown. */
const consoleLines = 30

/** The report as one page that needs nothing else: no script, no font, no picture, no network. */
export function reportPage(figures: Figures, owner: string): string {
  const { span, since, until, money } = figures
  const tiles = headlines(figures).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)
  const tables = reportTables(figures).map(one => section(one.id, one.title, [tableOf(one)]))
  const unpriced =
    money.unpriced > 0 && money.cost !== undefined
      ? [html`<p>${money.unpriced} machines have no price, and are in no sum.</p>`]
      : []
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>agentctl report: ${owner}</title>
<style>${trusted(reportStyle)}</style>
</head>
<body>
<header><h1>${owner}</h1><p>${isoOf(span.from)} to ${isoOf(span.to)}</p></header>
<main>
${section('figures', 'At a glance', [html`<dl>${tiles}</dl>`, ...unpriced])}
${section('capacity', 'Queue and machines', [capacityChart(figures)])}
${section('timeline', 'Machines', [timeline(figures)])}
${section('breakdown', 'Where the time goes', [phaseBars(figures)])}
${tables}
${section('consoles', 'What failed machines said last', consoles(figures.failures))}
</main>
<footer><p>By agentctl report, of what this host wrote down from ${isoOf(since)} to ${isoOf(until)}. All times are UTC. A machine's minutes count from its acceptance until it is gone.</p></footer>
</body>
</html>
`.markup
}

function section(id: string, title: string, content: readonly Html[]): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`
}

/** A table may be wider than a phone: then it scrolls, by keyboard too. */
function tableOf({ id, title, headings, rows, none }: ReportTable): Html {
  if (rows.length === 0) return html`<p>${none}</p>`
  const head = headings.map(name => html`<th scope="col">${name}</th>`)
  const body = rows.map(([first = '', ...cells]) => {
    const rest = cells.map(cell => html`<td>${cell}</td>`)
    return html`<tr><th scope="row">${first}</th>${rest}</tr>`
  })
  return html`<div class="table" role="region" aria-label="${title}, table" tabindex="0"><table id="${id}-table"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}

function consoles(failures: readonly FailureFigure[]): readonly Html[] {
  const told = failures.flatMap(({ reason, example }) =>
    example.consoleTail === undefined ? [] : [{ reason, ...example, tail: example.consoleTail }],
  )
  if (told.length === 0) return [html`<p>No console of a failed machine was kept.</p>`]
  return told.map(({ reason, name, jobId, instanceId, tail }) => {
    const last = tail.trimEnd().split('\n').slice(-consoleLines).join('\n')
    return html`<details><summary>${reason}: ${instanceId ?? name}</summary><p>Job ${jobId ?? 'any'}, agent ${name}</p><pre tabindex="0">${last}</pre></details>`
  })
}
