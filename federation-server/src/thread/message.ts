import type { UpdateErrorCode } from '@adf/detectors/update'
import type { Reading } from '../round/reading.ts'
import type { Impossible, Judged, Made, RoundToCombine, RoundToJudge } from '../round/run-computation.ts'
import type { RunSettings } from '../round/settings.ts'

/** What a thread begins with: a run as it is configured, and its secret. */
export interface ThreadRun {
  readonly name: string
  readonly settings: RunSettings
  readonly secret: Uint8Array
}

/** What a thread is asked for. */
export type Task =
  | { readonly kind: 'read'; readonly run: string; readonly body: Uint8Array }
  | { readonly kind: 'judge'; readonly run: string; readonly round: RoundToJudge }
  | { readonly kind: 'combine'; readonly run: string; readonly round: RoundToCombine }

/** An update that is not sound. */
export interface Refused {
  readonly kind: 'refused'
  readonly code: UpdateErrorCode
  readonly detail: string
}

export type Outcome =
  | { readonly kind: 'read'; readonly reading: Reading }
  | Refused
  | { readonly kind: 'judged'; readonly judged: Judged }
  | Made
  | Impossible
  /** A fault of the server. */
  | { readonly kind: 'failed'; readonly error: unknown }

export interface Numbered<T> {
  readonly number: number
  readonly message: T
}
