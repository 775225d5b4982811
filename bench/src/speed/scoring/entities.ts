import { type Rng, seeded } from '@adf/detectors'
import type { FeatureVector, StreamSpec } from '@adf/processor'

/** The 17 features of the streams `service` and `host`, as one stream. */
export const stream: StreamSpec = {
  name: 'server',
  entityKind: 'service',
  features: [
    ['request_rate', '1/s', 'both'],
    ['error_rate', '1', 'high'],
    ['latency_p50', 'ms', 'high'],
    ['latency_p95', 'ms', 'high'],
    ['latency_p99', 'ms', 'high'],
    ['cpu_usage_percent', '%', 'high'],
    ['cpu_load1', '', 'high'],
    ['cpu_load5', '', 'high'],
    ['memory_usage_percent', '%', 'high'],
    ['memory_available_mb', 'MB', 'low'],
    ['disk_usage_percent', '%', 'high'],
    ['disk_read_latency_ms', 'ms', 'high'],
    ['disk_write_latency_ms', 'ms', 'high'],
    ['network_tx_error_rate', '1', 'high'],
    ['network_rx_error_rate', '1', 'high'],
    ['network_drop_rate', '1', 'high'],
    ['network_throughput_mbps', 'Mbit/s', 'both'],
  ].map(([name = '', unit = '', direction]) => ({
    name,
    unit,
    direction: direction === 'high' || direction === 'low' ? direction : 'both',
  })),
}

const LEVELS = [50, 0.01, 40, 90, 140, 35, 1.2, 1.1, 60, 8000, 55, 2, 4, 0.001, 0.001, 0.002, 120]
const ROWS = 4096
/** One vector in so many is five times what it should be, so that anomalies and their explanations are paid for too. */
const ODD_EVERY = 2000

/** Vectors of many entities: load that moves all features, noise of their own. Made beforehand, so that making them costs nothing later. */
export class Traffic {
  readonly #rows: readonly Float64Array[]
  readonly #oddEvery: number
  #next = 0

  constructor(seed: number, oddEvery = ODD_EVERY) {
    this.#oddEvery = oddEvery
    const rng = seeded(seed)
    let load = 0
    this.#rows = Array.from({ length: ROWS }, () => {
      load = 0.9 * load + 0.1 * (rng() + rng() + rng() - 1.5)
      return row(load, rng)
    })
  }

  vector(entity: number, timeMs: number, arrivalMs: number): FeatureVector {
    const place = this.#next++
    const values = this.#rows[(place * 31 + entity) % ROWS]!
    const odd = place % this.#oddEvery === this.#oddEvery - 1
    return {
      stream,
      entity: { id: `shop/service-${entity}`, kind: 'service', service: `service-${entity}` },
      timeMs,
      arrivalMs,
      values: odd ? values.map((value) => 5 * value) : values.slice(),
    }
  }
}

const row = (load: number, rng: Rng) =>
  Float64Array.from(LEVELS, (level) => level * (1 + load + 0.1 * (rng() + rng() + rng() + rng() - 2)))
