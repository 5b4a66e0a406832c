/** The form of a line that is a sample: name, labels, value. */
const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /(\w+)="((?:[^"\\]|\\.)*)"/g
const typeLine = /^# TYPE (\S+) (counter|histogram)$/
const helpLine = /^# HELP (\S+) (.*)$/

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** As prom-client gives them as JSON, for its aggregation. */
interface Total {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly aggregator: 'sum'
  readonly values: (Omit<Sample, 'name'> & { readonly metricName?: string })[]
}

/** Counters and histograms of a text that was written before; what only stands for a moment is left out. Pure. */
export function totalsIn(text: string): readonly Total[] {
  const totals = new Map<string, Total>()
  const helps = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, helped, help = ''] = helpLine.exec(line) ?? []
    if (helped) helps.set(helped, help)
    const [, name, type] = typeLine.exec(line) ?? []
    if (name && type)
      totals.set(name, { name, type, help: helps.get(name) ?? '', aggregator: 'sum', values: [] })
  }
  for (const { name, labels, value } of samplesIn(text)) {
    const whole = totals.get(name)
    const part = totals.get(name.replace(/_(bucket|sum|count)$/, ''))
    if (whole) whole.values.push({ labels, value })
    else part?.values.push({ labels, value, metricName: name })
  }
  return [...totals.values()]
}

/** Every sample whose value is a number. Pure. */
export function samplesIn(text: string): readonly Sample[] {
  return text.split('\n').flatMap(line => {
    const [, name, labels = '', value] = sampleLine.exec(line) ?? []
    return name && Number.isFinite(Number(value))
      ? [{ name, labels: labelsIn(labels), value: Number(value) }]
      : []
  })
}

function labelsIn(text: string): Readonly<Record<string, string>> {
  const unescaped = (value: string) => value.replaceAll(/\\(.)/g, (_, one) => (one === 'n' ? '\n' : one))
  const pairs = [...text.matchAll(labelPair)]
  return Object.fromEntries(pairs.map(([, name, value]) => [name, unescaped(value ?? '')]))
}
