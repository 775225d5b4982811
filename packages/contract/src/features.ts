/** Names of the features of the built-in stream `host`, in the order of its vectors. */
export const HOST_FEATURES = [
  'request_rate',
  'error_rate',
  'latency_p50',
  'latency_p95',
  'latency_p99',
  'cpu_usage_percent',
  'cpu_load1',
  'cpu_load5',
  'memory_usage_percent',
  'memory_available_mb',
  'disk_usage_percent',
  'disk_read_latency_ms',
  'disk_write_latency_ms',
  'network_tx_error_rate',
  'network_rx_error_rate',
  'network_drop_rate',
  'network_throughput_mbps',
] as const

/** Those of the built-in stream `service`: what its logs say comes last. */
export const SERVICE_FEATURES = [...HOST_FEATURES, 'log_rate', 'log_error_rate', 'log_novelty'] as const
