import { Counter, Gauge, type Registry } from 'prom-client'
import type { Signal } from '../telemetry/signal.ts'

export type DropReason = 'queue_full' | 'permanent' | 'max_elapsed' | 'shutdown'

/** What became of forwarded requests, by endpoint (its configured name). */
export class ForwardCounters {
  private readonly sentRequests: Counter<'endpoint' | 'signal'>
  private readonly sentBytes: Counter<'endpoint'>
  private readonly rejectedRecords: Counter<'endpoint' | 'signal'>
  private readonly retries: Counter<'endpoint'>
  private readonly drops: Counter<'endpoint' | 'reason'>

  constructor(registry: Registry, queues: () => Iterable<readonly [endpoint: string, bytes: number]>) {
    const registers = [registry]
    this.sentRequests = new Counter({
      name: 'adf_forward_sent_requests_total',
      help: 'OTLP requests that an endpoint took.',
      labelNames: ['endpoint', 'signal'],
      registers,
    })
    this.sentBytes = new Counter({
      name: 'adf_forward_sent_bytes_total',
      help: 'Bytes of the requests that an endpoint took, before compression.',
      labelNames: ['endpoint'],
      registers,
    })
    this.rejectedRecords = new Counter({
      name: 'adf_forward_rejected_records_total',
      help: 'Spans, data points and log records that an endpoint left out of requests that it took (partial success).',
      labelNames: ['endpoint', 'signal'],
      registers,
    })
    this.retries = new Counter({
      name: 'adf_forward_retries_total',
      help: 'Attempts after the first one.',
      labelNames: ['endpoint'],
      registers,
    })
    this.drops = new Counter({
      name: 'adf_forward_dropped_requests_total',
      help: 'OTLP requests that were not forwarded, by reason.',
      labelNames: ['endpoint', 'reason'],
      registers,
    })
    new Gauge({
      name: 'adf_forward_queue_bytes',
      help: 'Bytes that wait for an endpoint or are under way to it.',
      labelNames: ['endpoint'],
      registers,
      collect() {
        for (const [endpoint, bytes] of queues()) this.set({ endpoint }, bytes)
      },
    })
  }

  sent(endpoint: string, signal: Signal, bytes: number): void {
    this.sentRequests.inc({ endpoint, signal })
    this.sentBytes.inc({ endpoint }, bytes)
  }

  rejected(endpoint: string, signal: Signal, records: number): void {
    this.rejectedRecords.inc({ endpoint, signal }, records)
  }

  retried(endpoint: string): void {
    this.retries.inc({ endpoint })
  }

  dropped(endpoint: string, reason: DropReason): void {
    this.drops.inc({ endpoint, reason })
  }
}
