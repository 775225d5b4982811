import type { SERVICE_FEATURES } from '@adf/contract'
import type { FeatureSpec, StreamSpec } from '../scoring/vector.ts'

/**
 * The features of the built-in streams, in the order of their vectors. Declared streams name them as `source`.
 * A fixed limit is what is bad whatever the history says. It holds for hosts: what a machine suffers is said once, by its
 * own entity, and not by each of the services on it. Requests have none: one failure among few is no anomaly.
 */
const standard = [
  { name: 'request_rate', unit: '1/s', direction: 'both' },
  { name: 'error_rate', unit: '1', direction: 'high', symptom: true },
  { name: 'latency_p50', unit: 'ms', direction: 'high', symptom: true },
  { name: 'latency_p95', unit: 'ms', direction: 'high', symptom: true },
  { name: 'latency_p99', unit: 'ms', direction: 'high', symptom: true },
  { name: 'cpu_usage_percent', unit: '%', direction: 'high', max: 90 },
  { name: 'cpu_load1', unit: '', direction: 'high' },
  { name: 'cpu_load5', unit: '', direction: 'high' },
  { name: 'memory_usage_percent', unit: '%', direction: 'high', max: 95 },
  { name: 'memory_available_mb', unit: 'MB', direction: 'low', min: 50 },
  { name: 'disk_usage_percent', unit: '%', direction: 'high', max: 95 },
  { name: 'disk_read_latency_ms', unit: 'ms', direction: 'high', max: 1000 },
  { name: 'disk_write_latency_ms', unit: 'ms', direction: 'high', max: 1000 },
  { name: 'network_tx_error_rate', unit: '1', direction: 'high', max: 0.05 },
  { name: 'network_rx_error_rate', unit: '1', direction: 'high', max: 0.05 },
  { name: 'network_drop_rate', unit: '1', direction: 'high', max: 0.05 },
  { name: 'network_throughput_mbps', unit: 'Mbit/s', direction: 'both' },
] as const satisfies readonly FeatureSpec[]

const logs = [
  { name: 'log_rate', unit: '1/s', direction: 'both' },
  { name: 'log_error_rate', unit: '1/s', direction: 'high', symptom: true },
  { name: 'log_novelty', unit: '', direction: 'high' },
] as const satisfies readonly FeatureSpec[]

export type ServiceFeature = (typeof SERVICE_FEATURES)[number]

export const HOST_STREAM: StreamSpec = { name: 'host', entityKind: 'host', features: standard }
export const SERVICE_STREAM: StreamSpec = {
  name: 'service',
  entityKind: 'service',
  features: [...standard, ...logs].map((each) => ({ ...each, max: undefined, min: undefined })),
}

/** A log record of this severity, as OpenTelemetry numbers them, or above is an error. */
export const ERROR_SEVERITY = 17

/** Place of each feature in a vector of `service`, and of the standard ones in a vector of `host`. */
export const AT: Readonly<Record<ServiceFeature, number>> = {
  request_rate: 0,
  error_rate: 1,
  latency_p50: 2,
  latency_p95: 3,
  latency_p99: 4,
  cpu_usage_percent: 5,
  cpu_load1: 6,
  cpu_load5: 7,
  memory_usage_percent: 8,
  memory_available_mb: 9,
  disk_usage_percent: 10,
  disk_read_latency_ms: 11,
  disk_write_latency_ms: 12,
  network_tx_error_rate: 13,
  network_rx_error_rate: 14,
  network_drop_rate: 15,
  network_throughput_mbps: 16,
  log_rate: 17,
  log_error_rate: 18,
  log_novelty: 19,
}
