import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import type { Detector, Explanation } from '../detector.ts'

export interface Rule {
  readonly name: string
  /** Largest and smallest value that is allowed, in the feature's unit; left out = no limit. */
  readonly max?: number | undefined
  readonly min?: number | undefined
}

const KIND = 'rules'
const VERSION = 1

/**
 * Fixed limits. Raw score 0 while every limit is kept; else 1 plus the largest excess relative to its limit, so that ≥ 1 is a
 * violation and needs no calibration (`ruleScore`). Learns nothing, hence ready at once. A missing value violates nothing.
 * Expected is unknown (NaN); the band is the limits.
 */
export class RulesDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly ready = true
  readonly #min: Float64Array
  readonly #max: Float64Array

  constructor(rules: readonly Rule[]) {
    this.features = rules.map((rule) => rule.name)
    this.#min = Float64Array.from(rules, (rule) => rule.min ?? Number.NEGATIVE_INFINITY)
    this.#max = Float64Array.from(rules, (rule) => rule.max ?? Number.POSITIVE_INFINITY)
  }

  fit(): void {}

  learn(): void {}

  observe(): void {}

  score(vector: Float64Array): number {
    let worst = -1
    for (let i = 0; i < this.#max.length; i++) worst = Math.max(worst, this.#excess(i, vector[i]!))
    return worst < 0 ? 0 : 1 + worst
  }

  explain(vector: Float64Array): Explanation {
    const weights = this.#max.map((_, i) => {
      const excess = this.#excess(i, vector[i]!)
      return excess < 0 ? 0 : 1 + excess
    })
    const total = weights.reduce((a, b) => a + b, 0)
    return {
      parts: total > 0 ? weights.map((w) => w / total) : weights,
      expected: this.#max.map(() => Number.NaN),
      low: this.#min.map((v) => (Number.isFinite(v) ? v : Number.NaN)),
      high: this.#max.map((v) => (Number.isFinite(v) ? v : Number.NaN)),
    }
  }

  save(): Uint8Array {
    const layers = new Map([['limits', { data: this.#identity() }]])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    new Layers(bytes, KIND, VERSION).same('limits', this.#identity())
  }

  /** Negative: within its limits. Capped, so that the sum over features stays finite. */
  #excess(i: number, value: number): number {
    const max = this.#max[i]!
    const min = this.#min[i]!
    const over = value > max ? value - max : value < min ? min - value : -1
    if (over < 0) return -1
    const limit = Math.abs(value > max ? max : min)
    return Math.min(1e9, over / Math.max(limit, 1e-9))
  }

  #identity(): string {
    return JSON.stringify(this.features.map((name, i) => [name, `${this.#min[i]}`, `${this.#max[i]}`]))
  }
}

/** Score of a raw score of RulesDetector: a violated limit is as sure as a score can be. */
export const ruleScore = (raw: number): number => (raw >= 1 ? 1 : 0)
