/** A cell that a spreadsheet would run as a formula; guests choose some of our words. */
const formula = /^[=+\-@\t\r]/

/** RFC 4180, without the line ends: a cell with a comma, a quote or a line break is quoted. What is undefined is empty. */
export function csv(
  headings: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): readonly string[] {
  return [headings, ...rows].map(row => row.map(cell).join(','))
}

function cell(value: string | number | undefined): string {
  const text = typeof value === 'string' && formula.test(value) ? `'${value}` : String(value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
