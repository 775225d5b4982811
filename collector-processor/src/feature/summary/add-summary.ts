import type { RecordsOfService, ServiceSummary } from '@adf/contract'
import { Fit } from '../entity-window.ts'
import type { ServiceState } from '../service-state.ts'
import { collectionOf } from './collections.ts'

/** Requests and records that no window took, by Fit. */
export interface MissedOfParts {
  readonly spans: Uint32Array
  readonly logs: Uint32Array
}

/** Adds what came of a service entity in one part to what is known of it; gives how many of its collections found no room. */
export function addSummary(service: ServiceState, summary: ServiceSummary, missed: MissedOfParts): number {
  const { version, requested_at, steps, logs } = summary
  service.seenMs = Math.max(service.seenMs, summary.seen_at)
  service.spansMs = Math.max(service.spansMs, summary.spans_at)
  service.missedMs = Math.max(service.missedMs, summary.missed_at)
  service.version = version ?? undefined
  for (const { at, requests, failures, arrived_at, latency } of steps) {
    const part = { atMs: at, requests, failures, latency, arrivalMs: arrived_at }
    const fit = service.window.requestsOf(part)
    if (fit === Fit.taken) {
      service.requestsMs = Math.max(service.requestsMs, requested_at)
      service.requests += requests
    } else {
      service.missedMs = Math.max(service.missedMs, arrived_at)
      missed.spans[fit] = missed.spans[fit]! + requests
    }
  }
  if (logs !== undefined) addRecords(service, logs, missed.logs)
  observeDelays(service, summary)
  for (const dialect of summary.dialects) service.metrics.noteDialect(dialect)
  return summary.collections.filter(
    (one) => service.metrics.collected(one.writer, collectionOf(one)) !== undefined,
  ).length
}

function addRecords(service: ServiceState, logs: RecordsOfService, missed: Uint32Array): void {
  for (const { at, records, errors, arrived_at, templates } of logs.steps) {
    const part = { atMs: at, records, errors, templates, arrivalMs: arrived_at }
    const fit = service.window.recordsOf(part)
    if (fit === Fit.taken) service.logsMs = Math.max(service.logsMs, logs.recorded_at)
    else {
      service.missedMs = Math.max(service.missedMs, arrived_at)
      missed[fit] = missed[fit]! + records
    }
  }
}

function observeDelays(service: ServiceState, { spans_at, logs, delays }: ServiceSummary): void {
  const arrivalMs = Math.max(spans_at, logs?.logs_at ?? 0)
  if (arrivalMs === 0) return
  const [largest, smallest] = delays
  service.window.lateness.observe(
    arrivalMs,
    largest === null ? Number.POSITIVE_INFINITY : arrivalMs - largest,
    smallest === null ? Number.NEGATIVE_INFINITY : arrivalMs - smallest,
  )
}
