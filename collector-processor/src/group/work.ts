import type { Pipeline } from '../pipeline.ts'
import type { TelemetrySink } from '../telemetry/batch.ts'
import type { Learned } from './learned.ts'

/** What a shard does with what its partition brings. */
export interface ShardWork {
  /** That scores what is found here; undefined: nothing is. */
  readonly pipeline: Pipeline | undefined
  readonly sink: TelemetrySink
  /** Undefined: nothing. */
  readonly learned: Learned | undefined
  /** A message of `adf.edges`, written at `atMs`. Throws BadSummary. */
  edges(value: Buffer, atMs: number): void
  /** The message at this offset is taken next. */
  taking(offset: number): void
  /** All messages before this offset were taken. */
  taken(offset: number): void
  advance(nowMs: number): void
  /** Until when what it does is done, where that is not the step of its clock. */
  readonly reachedMs: number | undefined
  /** What was taken until then has its effects on the way, where that is not the step of its clock. */
  readonly settledMs: number | undefined
  end(): void
}
