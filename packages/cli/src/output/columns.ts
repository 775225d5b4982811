import { oneLine } from './terminal-text.ts'

/** Rows under a head, each column as wide as its widest cell; `right` are columns of numbers. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const all = [head, ...rows.map((row) => row.map(oneLine))]
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)))
  const line = (row: readonly string[]) =>
    head
      .map((name, i) => {
        const [cell = '', width = 0] = [row[i], widths[i]]
        return right.includes(name) ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return all.map(line).join('\n')
}
