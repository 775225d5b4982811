import { Counter, Gauge, type Registry } from 'prom-client'
import type { Signal } from '../telemetry/signal.ts'
import type { Admission } from './admission.ts'
import type { RefusalKind } from './refusal.ts'
import type { Reason, Rejections } from './wire/rejections.ts'

export type Transport = 'grpc' | 'http' | 'kafka'

/** Why a connection was not taken or was ended. */
export type ConnectionEnd = 'too_many' | 'not_http2' | 'unread' | 'idle'

const RECORDS: Readonly<Record<Signal, string>> = {
  traces: 'adf_receiver_spans_total',
  metrics: 'adf_receiver_points_total',
  logs: 'adf_receiver_log_records_total',
}

/** What came in, what was not taken and why. */
export class ReceiverCounters {
  private readonly records: Readonly<Record<Signal, Counter<'transport' | 'outcome'>>>
  private readonly requests: Counter<'signal' | 'transport' | 'outcome'>
  private readonly bytes: Counter<'signal' | 'transport'>
  private readonly skew: Counter<'signal' | 'direction'>
  private readonly repeats: Counter
  private readonly connections: Counter<'transport' | 'reason'>

  constructor(registry: Registry, admission: Admission) {
    const registers = [registry]
    const recordCounter = (signal: Signal) =>
      new Counter({
        name: RECORDS[signal],
        help: 'Records received, by outcome: accepted, or why they were rejected.',
        labelNames: ['transport', 'outcome'],
        registers,
      })
    this.records = {
      traces: recordCounter('traces'),
      metrics: recordCounter('metrics'),
      logs: recordCounter('logs'),
    }
    this.requests = new Counter({
      name: 'adf_receiver_requests_total',
      help: 'OTLP requests, by outcome: accepted, partial, or why they were refused; of requests with events only the refused.',
      labelNames: ['signal', 'transport', 'outcome'],
      registers,
    })
    this.bytes = new Counter({
      name: 'adf_receiver_request_bytes_total',
      help: 'Bytes of OTLP requests after decompression.',
      labelNames: ['signal', 'transport'],
      registers,
    })
    this.skew = new Counter({
      name: 'adf_receiver_clock_skew_total',
      help: 'Records with a time further than receiver.max_clock_skew from their arrival.',
      labelNames: ['signal', 'direction'],
      registers,
    })
    this.repeats = new Counter({
      name: 'adf_receiver_repeated_log_records_total',
      help: 'Log records of requests that came again within graph.pairing_window, byte for byte: accepted, and not counted twice.',
      registers,
    })
    this.connections = new Counter({
      name: 'adf_receiver_connections_ended_total',
      help: 'Connections that were not taken or were ended, by reason: too_many (over receiver.max_connections), not_http2 (no settings came), unread (answers were not taken), idle.',
      labelNames: ['transport', 'reason'],
      registers,
    })
    new Gauge({
      name: 'adf_receiver_in_flight_bytes',
      help: 'Bytes of requests that are being received or handled.',
      registers,
      collect() {
        this.set(admission.bytesInFlight)
      },
    })
  }

  taken(signal: Signal, transport: Transport, bytes: number, accepted: number, rejections: Rejections): void {
    const outcome = rejections.total === 0 ? 'accepted' : 'partial'
    this.requests.inc({ signal, transport, outcome })
    this.bytes.inc({ signal, transport }, bytes)
    this.records[signal].inc({ transport, outcome: 'accepted' }, accepted)
    for (const [reason, count] of rejections.byReason) {
      this.records[signal].inc({ transport, outcome: reason satisfies Reason }, count)
    }
  }

  refused(signal: Signal | 'events' | 'unknown', transport: Transport, kind: RefusalKind): void {
    this.requests.inc({ signal, transport, outcome: kind })
  }

  repeated(logRecords: number): void {
    this.repeats.inc(logRecords)
  }

  connectionEnded(transport: Transport, reason: ConnectionEnd): void {
    this.connections.inc({ transport, reason })
  }

  skewed(signal: Signal, direction: 'future' | 'past', count: number): void {
    this.skew.inc({ signal, direction }, count)
  }
}
