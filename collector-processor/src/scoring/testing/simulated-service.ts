import { exponential, normal, poisson, QuantileSketch, type Rng } from '@adf/detectors'
import type { FeatureVector, StreamSpec } from '../vector.ts'

export const simulatedStream: StreamSpec = {
  name: 'service',
  entityKind: 'service',
  features: [
    { name: 'request_rate', unit: '1/s', direction: 'both' },
    { name: 'error_rate', unit: '1', direction: 'high', max: 0.5 },
    { name: 'latency_p50', unit: 'ms', direction: 'high' },
    { name: 'latency_p95', unit: 'ms', direction: 'high' },
    { name: 'latency_p99', unit: 'ms', direction: 'high' },
    { name: 'cpu_usage_percent', unit: '%', direction: 'high', max: 90 },
    { name: 'log_rate', unit: '1/s', direction: 'both' },
    { name: 'log_error_rate', unit: '1/s', direction: 'high' },
  ],
}

export interface Traffic {
  /** Requests per second, arriving at random (Poisson). */
  readonly rate: number
  /** Latencies are log-normal: median in ms, deviation of the logarithm. */
  readonly medianMs: number
  readonly sigma: number
  readonly errorShare: number
  /** Requests that take ten times as long (a cold cache, a pause). */
  readonly slowShare?: number
}

const STEPS = 40
export const STEP_MS = 250

/** Vectors of a service as the feature layer makes them from spans and logs: windows of 10 s that move by 250 ms. */
export class SimulatedService {
  traffic: Traffic
  readonly #entity: FeatureVector['entity']
  readonly #rng: Rng
  readonly #steps = Array.from({ length: STEPS }, () => ({
    latency: new QuantileSketch(),
    errors: 0,
    logs: 0,
  }))
  readonly #window = new QuantileSketch()
  #step = 0

  constructor(id: string, traffic: Traffic, rng: Rng) {
    this.#entity = { id, kind: 'service', service: id }
    this.traffic = traffic
    this.#rng = rng
    for (let i = 0; i < STEPS; i++) this.next()
  }

  next(): FeatureVector {
    const { rate, medianMs, sigma, errorShare, slowShare = 0 } = this.traffic
    const rng = this.#rng
    const step = this.#steps[this.#step % STEPS]!
    this.#window.subtract(step.latency)
    step.latency.clear()
    step.errors = 0
    step.logs = 0
    for (let n = poisson(rng, (rate * STEP_MS) / 1000); n > 0; n--) {
      step.latency.add(
        (rng() < slowShare ? 10 : 1) * medianMs * Math.exp(sigma * normal(rng)) + 0.2 * exponential(rng),
      )
      if (rng() < errorShare) step.errors++
      step.logs += 2
    }
    this.#window.merge(step.latency)
    const timeMs = ++this.#step * STEP_MS
    const count = this.#window.count
    const seconds = (STEPS * STEP_MS) / 1000
    const sum = (of: 'errors' | 'logs') => this.#steps.reduce((total, each) => total + each[of], 0)
    const values = Float64Array.of(
      count / seconds,
      count === 0 ? Number.NaN : sum('errors') / count,
      this.#window.quantile(0.5),
      this.#window.quantile(0.95),
      this.#window.quantile(0.99),
      Number.NaN,
      sum('logs') / seconds,
      sum('errors') / seconds,
    )
    return { stream: simulatedStream, entity: this.#entity, timeMs, arrivalMs: timeMs, values }
  }
}
