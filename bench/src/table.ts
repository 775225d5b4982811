import type { Row } from './suite.ts'

/** Rows as a table: a line for each case and subject, a column for each measure. */
export function formatTable(rows: readonly Row[]): string {
  const measures = [...new Set(rows.map((row) => row.measure))]
  const lines = new Map<string, string[]>()
  for (const row of rows) {
    const key = `${row.suite}\0${row.case}\0${row.subject}`
    const line = lines.get(key) ?? [row.suite, row.case, row.subject, ...measures.map(() => '')]
    line[3 + measures.indexOf(row.measure)] = formatValue(row.value)
    lines.set(key, line)
  }
  const table = [['suite', 'case', 'subject', ...measures], ...lines.values()]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  return table
    .map((line) =>
      line
        .map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return Number.isInteger(value) ? String(value) : value.toPrecision(3)
}
