/**
 * One CSV record, read as the agent's list flags are (Go's encoding/csv by way of pflag's StringSlice): a field that
 * holds a comma, a quote or a line end is quoted, and a quote in it doubled. Undefined where Go reports an error.
 */
export function parseCsv(text: string): readonly string[] | undefined {
  if (text === '') return []
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/y
  const fields: string[] = []
  for (;;) {
    const found = field.exec(text)
    if (!found) return undefined
    fields.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    if (found[3] === '') return fields
  }
}

/** The record that {@link parseCsv} reads as these items; a single empty item needs its quotes. */
export function toCsv(items: readonly string[]): string {
  const isPlain = (item: string) => !/[",\r\n]/.test(item) && (item !== '' || items.length > 1)
  return items.map(item => (isPlain(item) ? item : `"${item.replaceAll('"', '""')}"`)).join(',')
}
