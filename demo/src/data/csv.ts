import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { FEATURES } from './features.ts'
import type { Row } from './generate.ts'

export interface Written {
  readonly rows: number
  readonly anomalies: Readonly<Record<string, number>>
}

/** Columns: timestamp (RFC 3339), the 17 features, label (0 or 1), type (empty when normal). */
function* csvLines(rows: Iterable<Row>): Generator<string> {
  yield `${['timestamp', ...FEATURES.map((shape) => shape.name), 'label', 'type'].join(',')}\n`
  for (const { timeMs, values, type } of rows) {
    const cells = values.map((value, i) => value.toFixed(FEATURES[i]?.digits ?? 2))
    yield `${new Date(timeMs).toISOString()},${cells.join(',')},${type ? 1 : 0},${type ?? ''}\n`
  }
}

/** Writes the file, gzipped when its name ends in .gz. It is there only when it is complete. */
export async function writeCsv(rows: Iterable<Row>, file: string): Promise<Written> {
  const anomalies: Record<string, number> = { point: 0, contextual: 0, collective: 0 }
  let count = 0
  function* counted(): Generator<Row> {
    for (const row of rows) {
      count++
      if (row.type) anomalies[row.type] = (anomalies[row.type] ?? 0) + 1
      yield row
    }
  }
  const partial = `${file}.partial`
  const lines = Readable.from(csvLines(counted()))
  try {
    if (file.endsWith('.gz')) await pipeline(lines, createGzip(), createWriteStream(partial))
    else await pipeline(lines, createWriteStream(partial))
    renameSync(partial, file)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
  return { rows: count, anomalies }
}
