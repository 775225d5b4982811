import type { Anomaly } from '@adf/contract'

interface Run {
  readonly anomalies: Anomaly[]
  lastMs: number
}

/**
 * Anomalous vectors in a row, by entity and stream. A run ends with a normal vector, or when nothing came for `expireMs`
 * (an entity that fell silent did not have its vectors "in a row"). Holds at most `length` anomalies of `limit` entities.
 */
export class Runs {
  readonly #runs = new Map<string, Run>()
  readonly #length: number
  readonly #expireMs: number
  readonly #limit: number

  constructor(length: number, expireMs: number, limit: number) {
    this.#length = length
    this.#expireMs = expireMs
    this.#limit = limit
  }

  /** The latest anomalies of the run once it is long enough, else undefined; `full` when there is no room to follow one more entity. */
  add(key: string, anomaly: Anomaly, nowMs: number): readonly Anomaly[] | 'full' | undefined {
    let run = this.#runs.get(key)
    if (run !== undefined && nowMs - run.lastMs > this.#expireMs) run.anomalies.length = 0
    if (run === undefined) {
      if (this.#length === 1) return [anomaly]
      if (this.#runs.size >= this.#limit) return 'full'
      run = { anomalies: [], lastMs: nowMs }
      this.#runs.set(key, run)
    }
    run.lastMs = nowMs
    run.anomalies.push(anomaly)
    if (run.anomalies.length > this.#length) run.anomalies.shift()
    return run.anomalies.length === this.#length ? run.anomalies : undefined
  }

  end(key: string): void {
    if (this.#runs.size > 0) this.#runs.delete(key)
  }

  expire(nowMs: number): void {
    for (const [key, run] of this.#runs) if (nowMs - run.lastMs > this.#expireMs) this.#runs.delete(key)
  }

  /** The anomalies that it holds. */
  *anomalies(): IterableIterator<Anomaly> {
    for (const { anomalies } of this.#runs.values()) yield* anomalies
  }

  get size(): number {
    return this.#runs.size
  }
}
