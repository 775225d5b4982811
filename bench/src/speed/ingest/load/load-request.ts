import { LogRequest } from './log-request.ts'
import { MetricRequest } from './metric-request.ts'
import type { PatchedRequest } from './patched-request.ts'
import { TraceRequest } from './trace-request.ts'

export type Signal = 'traces' | 'metrics' | 'logs'

/** What one connection sends again and again. */
export interface LoadRequest {
  readonly message: PatchedRequest
  /** Makes it another request: `counter` is its own in the run, `instance` those whose telemetry it is; its records are of `nowMs`. */
  next(counter: number, instance: string, nowMs: number): void
}

/** @param records spans, data points or log records in it */
export function loadRequest(signal: Signal, records: number): LoadRequest {
  if (signal === 'traces') return new TraceRequest(records)
  return signal === 'metrics' ? new MetricRequest(records) : new LogRequest(records)
}
