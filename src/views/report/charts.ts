import type { Figures } from '../../history/figures.ts'
import { barKinds } from '../../history/lanes.ts'
import { levelKinds, totalOf } from '../../history/levels.ts'
import { type Html, html } from '../html.ts'
import { span } from '../table.ts'
import { isoOf } from './text.ts'

/** In its own units; the page stretches it. */
const chartHeight = 100

/** Areas over equally wide parts, one upon the other, as steps. */
function steps(bottoms: readonly number[], tops: readonly number[], most: number): string {
  const y = (level: number) => (chartHeight * (1 - level / most)).toFixed(1)
  const there = tops.map((top, at) => `V${y(top)}H${at + 1}`).join('')
  const back = bottoms
    .map((bottom, at) => `V${y(bottom)}H${at}`)
    .toReversed()
    .join('')
  return `M0 ${y(tops[0] ?? 0)}${there}${back}Z`
}

/** Queue above, machines by what they did below; both over the same time. */
export function capacityChart({ levels, span: time, machines }: Figures): Html {
  const zeros = levels.queued.map(() => 0)
  const queuedMost = Math.max(1, ...levels.queued)
  const machinesMost = Math.max(1, ...levels.machines.map(totalOf))
  let below: readonly number[] = zeros
  const areas = levelKinds.map(kind => {
    const tops = levels.machines.map((level, at) => (below[at] ?? 0) + level[kind])
    const area = html`<path class="${kind}" d="${steps(below, tops, machinesMost)}"/>`
    below = tops
    return area
  })
  const queue = [html`<path class="queued" d="${steps(zeros, levels.queued, queuedMost)}"/>`]
  const queueWords = `Jobs in the queue over time: at most ${Math.max(0, ...levels.queued)}.`
  const machineWords = `Machines over time, by what they did: at most ${machines.atOnce} at once.`
  return html`<figure><figcaption>Jobs in the queue</figcaption>
${svg('queue', queueWords, zeros.length, chartHeight, 'small', queue)}
${scale(queuedMost)}</figure>
<figure><figcaption>Machines</figcaption>
${legend(levelKinds)}
${svg('machines', machineWords, zeros.length, chartHeight, 'large', areas)}
${scale(machinesMost)}${times(time)}</figure>`
}

/** Every machine a bar; machines that were never there at once share a line. */
export function timeline({ lanes, span: time }: Figures): Html {
  const lengthMs = Math.max(1, time.to - time.from)
  const x = (at: number) => (((at - time.from) / lengthMs) * 1000).toFixed(1)
  const bars = barKinds.map(kind => {
    const d = lanes.bars
      .filter(bar => bar.kind === kind)
      .map(({ lane, from, to }) => `M${x(from)} ${lane * 10 + 1}H${x(to)}v8H${x(from)}z`)
      .join('')
    return html`<path class="${kind}" d="${d}"/>`
  })
  const failures = lanes.failures.map(
    ({ lane, at, reason }) =>
      html`<rect class="failed" x="${x(at - lengthMs / 250)}" y="${lane * 10}" width="4" height="10"><title>${reason}, ${isoOf(at)}</title></rect>`,
  )
  const words = `${lanes.bars.length > 0 ? 'Each machine from its launch to its end' : 'No machines'}; ${lanes.failures.length} failed, each marked at its end. The tables below have the figures.`
  const left = lanes.left > 0 ? [html`<p>${lanes.left} older machines are not drawn.</p>`] : []
  return html`<figure><figcaption>Each machine, from its launch to its end</figcaption>
${legend([...barKinds, 'failed'])}
${svg('timeline', words, 1000, Math.max(10, lanes.count * 10), 'lanes', [...bars, ...failures])}
${times(time)}${left}</figure>`
}

/** How long each phase took: a bar to the median, and a thinner one to the 95th percentile. */
export function phaseBars({ stages }: Figures): Html {
  const longest = Math.max(1, ...stages.map(stage => stage.p95Ms))
  const share = (ms: number) => `${((ms / longest) * 100).toFixed(1)}%`
  const rows = stages.map(
    ({ words, medianMs, p95Ms }) =>
      html`<li><span class="name">${words}</span><span class="bars" aria-hidden="true"><span class="p95" style="width:${share(p95Ms)}"></span><span class="median" style="width:${share(medianMs)}"></span></span><span class="value">${span(medianMs)}, p95 ${span(p95Ms)}</span></li>`,
  )
  return html`<ul class="phases">${rows}</ul>`
}

function svg(
  id: string,
  words: string,
  width: number,
  height: number,
  size: string,
  content: readonly Html[],
): Html {
  return html`<svg class="${size}" role="img" aria-labelledby="${id}-words" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none"><title id="${id}-words">${words}</title>${content}</svg>`
}

function scale(most: number): Html {
  return html`<p class="scale">the whole height is ${most}</p>`
}

function times({ from, to }: Figures['span']): Html {
  const at = [from, (from + to) / 2, to].map(
    time => html`<span>${isoOf(time).replace('T', ' ').slice(5, 16)}</span>`,
  )
  return html`<p class="times" title="UTC">${at}</p>`
}

const words: Readonly<Record<string, string>> = {
  launching: 'launch not answered yet',
  booting: 'no agent yet',
  online: 'agent online',
  ending: 'on its way down',
  failed: 'failed',
}

function legend(kinds: readonly string[]): Html {
  const items = kinds.map(kind => html`<li><span class="key ${kind}"></span>${words[kind] ?? kind}</li>`)
  return html`<ul class="legend">${items}</ul>`
}
