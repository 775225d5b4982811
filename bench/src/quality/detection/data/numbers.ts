import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { CsvError, parse } from 'csv-parse/sync'

/** A file of a data set that cannot be read; the message has file and line. */
export class DataError extends Error {
  override readonly name = 'DataError'
}

/** A CSV file, gzipped or not, as cells; all rows as long as the header. */
export function readCells(path: string): { readonly header: readonly string[]; readonly rows: string[][] } {
  try {
    const bytes = readFileSync(path)
    const plain = path.endsWith('.gz') ? gunzipSync(bytes) : bytes
    const [header, ...rows] = parse(plain, { bom: true, trim: true, skip_empty_lines: true })
    if (header === undefined || rows.length === 0) throw new DataError(`${path}: no rows`)
    return { header, rows }
  } catch (error) {
    if (error instanceof DataError) throw error
    const line = error instanceof CsvError && typeof error['lines'] === 'number' ? `:${error['lines']}` : ''
    throw new DataError(`${path}${line}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** The number in a cell; an empty cell or `nan` is a missing value. Throws DataError for anything else. */
export function numberIn(path: string, line: number, cell: string): number {
  if (cell === '' || cell.toLowerCase() === 'nan') return Number.NaN
  const value = Number(cell)
  if (!Number.isFinite(value)) throw new DataError(`${path}:${line}: ${JSON.stringify(cell)} is not a number`)
  return value
}
