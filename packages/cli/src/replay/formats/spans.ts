import { traceFile } from '../../files/trace-file.ts'
import { byTime, type Recorded, type Recording } from '../record.ts'

/**
 * Spans that stand in the order of their traces (Jaeger JSON, CSV of pods). Each is played at its end. A file is held in
 * memory as a whole to be sorted: files of a minute, as Nezha has them, cost 20 MB at a time.
 */
export function spanRecording(path: string, format: string, fromMs: number, bytes: number): Recording {
  return { path, format, bytes, fromMs, signals: new Set(['spans']), read }

  async function* read(passed: (bytes: number) => void): AsyncGenerator<readonly Recorded[]> {
    const records: Recorded[] = []
    for await (const spans of traceFile(path))
      for (const span of spans) {
        const timeMs = span.startMs + Math.max(0, span.durationMs)
        records.push({ kind: 'span', timeMs, span })
      }
    passed(bytes)
    yield records.sort(byTime)
  }
}
