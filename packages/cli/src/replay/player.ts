import {
  type Config,
  createTables,
  Intake,
  type LogBatch,
  LogBatchBuilder,
  type MetricBatch,
  MetricBatchBuilder,
  Pipeline,
  type PipelineOutputs,
  type ScoringEngine,
  type SpanBatch,
  SpanBatchBuilder,
  type TelemetrySink,
} from '@adf/processor'
import type { Registry } from 'prom-client'
import { eventIds } from './event-ids.ts'
import type { Recorded, RecordedSignal } from './record.ts'

/** Items that are handed on at once. */
const BATCH = 4096

export interface PlayerOptions {
  readonly config: Config
  readonly registry: Registry
  readonly scoring: ScoringEngine
  readonly rng: () => number
  readonly outputs: PipelineOutputs
}

export interface Played {
  spans: number
  points: number
  logs: number
  rows: number
  /** Records that OTLP does not allow, or rows that the stream refused. */
  rejected: number
  /** Records that came after the step that they belong to. */
  outOfOrder: number
}

/** Feeds records to the pipeline of the processor on a clock of its own. `advance` ends a step. */
export class Player implements TelemetrySink {
  readonly pipeline: Pipeline
  readonly played: Played = { spans: 0, points: 0, logs: 0, rows: 0, rejected: 0, outOfOrder: 0 }
  readonly #intake: Intake
  readonly #spans: SpanBatchBuilder
  readonly #points: MetricBatchBuilder
  readonly #logs: LogBatchBuilder
  readonly #lastMs = new Map<RecordedSignal, number>()
  #nowMs = Number.NEGATIVE_INFINITY

  constructor({ config, registry, scoring, rng, outputs }: PlayerOptions) {
    const clock = () => this.#nowMs
    this.pipeline = new Pipeline({
      config,
      clock,
      rng,
      newId: eventIds(clock, rng),
      registry,
      scoring,
      outputs,
    })
    const tables = createTables(config.receiver, registry)
    this.#spans = new SpanBatchBuilder(tables)
    this.#points = new MetricBatchBuilder(tables)
    this.#logs = new LogBatchBuilder(tables)
    this.#intake = new Intake({
      tables,
      sink: this,
      forward: undefined,
      registry,
      clock,
      maxInFlight: Number.MAX_SAFE_INTEGER,
      maxClockSkewMs: config.receiver.max_clock_skew,
      repeatWindowMs: config.graph.pairing_window,
    })
  }

  /** The time that is played, ms; -Infinity before the first record. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Time of the latest record of a signal; undefined before the first. */
  lastOf(signal: RecordedSignal): number | undefined {
    return this.#lastMs.get(signal)
  }

  /** Takes a record of the current step. Throws Refusal or RangeError when it is no telemetry. */
  add(record: Recorded): void {
    if (record.timeMs < this.#nowMs) this.played.outOfOrder++
    const { played } = this
    switch (record.kind) {
      case 'span':
        if (this.#spans.add(record.span).batch.length >= BATCH) this.#flushSpans(record.timeMs)
        this.#saw('spans', record.timeMs)
        break
      case 'point':
        if (this.#points.add(record.point).batch.length >= BATCH) this.#flushPoints(record.timeMs)
        this.#saw('metrics', record.timeMs)
        break
      case 'log':
        if (this.#logs.add(record.log).batch.length >= BATCH) this.#flushLogs(record.timeMs)
        this.#saw('logs', record.timeMs)
        break
      case 'row': {
        const { accepted } = this.pipeline.features.event(
          record.stream,
          record.fields,
          this.#to(record.timeMs),
        )
        if (accepted) played.rows++
        else played.rejected++
        this.#saw('rows', record.timeMs)
        break
      }
      case 'request':
        this.#to(record.timeMs)
        played.rejected += this.#intake.protobuf(record.signal, record.protobuf, 'http').total
        this.#saw(record.signal === 'traces' ? 'spans' : record.signal, record.timeMs)
    }
  }

  /** Ends the step at `nowMs`. */
  advance(nowMs: number): void {
    this.#flushSpans(nowMs)
    this.#flushPoints(nowMs)
    this.#flushLogs(nowMs)
    this.pipeline.advance(this.#to(nowMs))
  }

  /** Passes over a time of which nothing is known. */
  skipTo(nowMs: number): void {
    this.#to(nowMs)
  }

  spans(batch: SpanBatch, arrivalMs: number): void {
    this.played.spans += batch.length
    this.pipeline.spans(batch, arrivalMs)
  }

  metrics(batch: MetricBatch, arrivalMs: number): void {
    this.played.points += batch.length
    this.pipeline.metrics(batch, arrivalMs)
  }

  logs(batch: LogBatch, arrivalMs: number): void {
    this.played.logs += batch.length
    this.pipeline.logs(batch, arrivalMs)
  }

  #flushSpans(atMs: number): void {
    if (this.#spans.batch.length === 0) return
    this.spans(this.#spans.batch, this.#to(atMs))
    this.#spans.reset()
  }

  #flushPoints(atMs: number): void {
    if (this.#points.batch.length === 0) return
    this.metrics(this.#points.batch, this.#to(atMs))
    this.#points.reset()
  }

  #flushLogs(atMs: number): void {
    if (this.#logs.batch.length === 0) return
    this.logs(this.#logs.batch, this.#to(atMs))
    this.#logs.reset()
  }

  #saw(signal: RecordedSignal, timeMs: number): void {
    if (timeMs > (this.#lastMs.get(signal) ?? Number.NEGATIVE_INFINITY)) this.#lastMs.set(signal, timeMs)
  }

  /** The clock never goes back. */
  #to(timeMs: number): number {
    if (timeMs > this.#nowMs) this.#nowMs = timeMs
    return this.#nowMs
  }
}
