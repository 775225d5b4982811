import type { PlainLog, PlainPoint, PlainSpan } from '@adf/processor'

export type RecordedSignal = 'spans' | 'metrics' | 'logs' | 'rows'

/** What replay feeds at one time: a whole export request, or a single item. `timeMs`: when it is known, in event time. */
export type Recorded = {
  readonly timeMs: number
} & (
  | {
      readonly kind: 'request'
      readonly signal: 'traces' | 'metrics' | 'logs'
      readonly protobuf: Uint8Array
      readonly line: number
    }
  | { readonly kind: 'span'; readonly span: PlainSpan }
  | { readonly kind: 'point'; readonly point: PlainPoint }
  | { readonly kind: 'log'; readonly log: PlainLog }
  | { readonly kind: 'row'; readonly stream: string; readonly fields: Readonly<Record<string, unknown>> }
)

/** One file that can be played. */
export interface Recording {
  readonly path: string
  readonly format: string
  /** Size when decompressed. */
  readonly bytes: number
  /** Time of its first record. Others may be somewhat earlier. */
  readonly fromMs: number
  /** Time between its rows, where they have a fixed one. */
  readonly intervalMs?: number
  /** What it holds; may grow while it is read. */
  readonly signals: ReadonlySet<RecordedSignal>
  /** Chunks in order of time, each in order of time. `passed` is told of the bytes that were read. Throws FileError. */
  read(passed: (bytes: number) => void): AsyncIterable<readonly Recorded[]>
}

export const byTime = (a: { readonly timeMs: number }, b: { readonly timeMs: number }) => a.timeMs - b.timeMs
