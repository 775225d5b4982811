import {
  Config,
  createTables,
  LogBatchBuilder,
  type LogEvidence,
  LogMining,
  type PlainLog,
  type RequestsOf,
  type Sample,
  type SpanBatch,
} from '@adf/processor'
import { Registry } from 'prom-client'
import { serviceOf } from './sample-file.ts'

/** Records handed on at once. */
const BATCH = 4096
const MINUTE_MS = 60_000
/** OTLP severity number of ERROR. */
const ERROR = 17

/** Log records from files: their templates, and their counts per service and minute. */
export class FileLogs {
  readonly #mining: LogMining
  readonly #builder: LogBatchBuilder
  readonly #counts = new Map<string, Sample>()
  #clockMs = Number.NEGATIVE_INFINITY

  constructor(slots: { readonly slot: number; readonly history: number }) {
    const registry = new Registry()
    this.#mining = new LogMining(Config.parse({}).logs, slots, registry)
    this.#builder = new LogBatchBuilder(
      createTables({ max_strings: 1_000_000, max_resources: 200_000, max_services: 100_000 }, registry),
    )
  }

  /** Takes records in the order of their times, as if they had arrived then. */
  add(records: readonly PlainLog[]): void {
    const sorted = records.toSorted((a, b) => a.timeMs - b.timeMs)
    for (let from = 0; from < sorted.length; from += BATCH) {
      this.#builder.reset()
      for (const record of sorted.slice(from, from + BATCH)) {
        this.#builder.add(record)
        this.#count(record)
        this.#clockMs = Math.max(this.#clockMs, record.timeMs)
      }
      this.#mining.logs(this.#builder.batch, this.#clockMs)
    }
  }

  /** Takes what the events of spans say, once the graph has seen them. */
  spans(batch: SpanBatch, clockMs: number): void {
    this.#mining.spans(batch, clockMs)
  }

  /** Records and errors per service and minute. */
  samples(): IterableIterator<Sample> {
    return this.#counts.values()
  }

  evidence(fromMs: number, atMs: number, requestsOf: RequestsOf): LogEvidence[] {
    return this.#mining.evidence(fromMs, atMs, requestsOf)
  }

  #count(record: PlainLog): void {
    const service = serviceOf(record)
    const timeMs = Math.floor(record.timeMs / MINUTE_MS) * MINUTE_MS
    for (const feature of record.severity >= ERROR ? ['log_rate', 'log_error_rate'] : ['log_rate']) {
      const key = `${service}\n${feature}\n${timeMs}`
      const value = (this.#counts.get(key)?.value ?? 0) + 1
      this.#counts.set(key, { service, feature, unit: '1/min', timeMs, value })
    }
  }
}
