import type { Compared } from './against/comparison.ts'
import type { Row } from './suite.ts'

/** Rows as a table: a line for each case and subject, a column for each measure. */
export function formatTable(rows: readonly Row[]): string {
  const measures = [...new Set(rows.map((row) => row.measure))]
  const lines = new Map<string, string[]>()
  for (const row of rows) {
    const key = `${row.suite}\0${row.case}\0${row.subject}`
    const line = lines.get(key) ?? [row.suite, row.case, row.subject, ...measures.map(() => '')]
    line[3 + measures.indexOf(row.measure)] = formatCell(row)
    lines.set(key, line)
  }
  return aligned([['suite', 'case', 'subject', ...measures], ...lines.values()], 3)
}

/** What two versions came to: a line for each measure, the ratio with its least and most. */
export function formatComparison(rows: readonly Compared[], ref: string): string {
  const lines = rows.map(({ suite, case: name, subject, measure, before, after, ratio }) => [
    suite,
    name,
    subject,
    measure,
    formatValue(before),
    formatValue(after),
    formatSpread({ value: ratio.median, min: ratio.min, max: ratio.max }),
  ])
  return aligned([['suite', 'case', 'subject', 'measure', ref, 'here', `here / ${ref}`], ...lines], 4)
}

const formatCell = ({ value, min, max }: Row) =>
  min === undefined || max === undefined ? formatValue(value) : formatSpread({ value, min, max })

const formatSpread = ({ value, min, max }: { value: number; min: number; max: number }) =>
  `${formatValue(value)} (${formatValue(min)} – ${formatValue(max)})`

/** @param words columns from the left that hold words; the others hold numbers */
function aligned(table: readonly (readonly string[])[], words: number): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  return table
    .map((line) =>
      line
        .map((cell, column) =>
          column < words ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
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
