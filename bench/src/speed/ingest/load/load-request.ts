import type { Signal } from './cell.ts'
import { LogRequest } from './log-request.ts'
import { MetricRequest } from './metric-request.ts'
import type { LoadRequest } from './patched-request.ts'
import { TraceRequest } from './trace-request.ts'

/** @param records spans, data points or log records in it */
export function loadRequest(signal: Signal, records: number): LoadRequest {
  if (signal === 'traces') return TraceRequest.of(records)
  return signal === 'metrics' ? new MetricRequest(records) : new LogRequest(records)
}
