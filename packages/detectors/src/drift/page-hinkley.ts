import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'

export interface PageHinkleyOptions {
  /** Values before it says anything. */
  readonly minimum: number
  /** Change of the mean that is let pass, per value. */
  readonly delta: number
  /** Sum of deviations from which the mean counts as changed. */
  readonly threshold: number
  /** What a deviation weighs one value later. */
  readonly alpha: number
  readonly direction: 'high' | 'low' | 'both'
}

const DEFAULTS: PageHinkleyOptions = {
  minimum: 30,
  delta: 0.005,
  threshold: 50,
  alpha: 0.9999,
  direction: 'both',
}

/**
 * Sequential test for a change of the mean: the sum of the deviations from the mean so far, less its own minimum (or its maximum,
 * for a fall). Quicker than an adaptive window for small lasting changes; needs the scale of the values (threshold, delta) to be
 * known. After a change it begins anew with the next value.
 *
 * Fails when: values depend on those before them more than the threshold allows for; when the mean wanders from the start. Cost and
 * state O(1).
 *
 * Source: E. S. Page: Continuous inspection schemes (Biometrika 1954); D. V. Hinkley: Inference about the change-point from cumulative
 * sum tests (1971). With the forgetting factor and the two-sided form of river 0.26, same results (golden/).
 */
export class PageHinkley {
  readonly #options: PageHinkleyOptions
  /** Values, their mean, sum of deviations up and its minimum, sum down and its maximum, whether a change was just found. */
  readonly #state = new Float64Array(7)

  constructor(options: Partial<PageHinkleyOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options }
    this.reset()
  }

  /** @returns whether the mean has changed */
  add(value: number): boolean {
    const state = this.#state
    if (state[6] === 1) this.reset()
    const { minimum, delta, threshold, alpha, direction } = this.#options
    const count = ++state[0]!
    state[1]! += (value - state[1]!) / count
    const deviation = value - state[1]!
    state[2] = alpha * state[2]! + deviation - delta
    state[3] = Math.min(state[3]!, state[2]!)
    state[4] = alpha * state[4]! + deviation + delta
    state[5] = Math.max(state[5]!, state[4]!)
    const rises = direction !== 'low' && state[2]! - state[3]! > threshold
    const falls = direction !== 'high' && state[5]! - state[4]! > threshold
    const changed = count >= minimum && (rises || falls)
    state[6] = changed ? 1 : 0
    return changed
  }

  reset(): void {
    this.#state.fill(0)
    this.#state[3] = Number.MAX_VALUE
    this.#state[5] = -1
  }

  layers(name: string): [string, Layer][] {
    return [[name, { data: this.#state }]]
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(name: string, layers: Layers): () => void {
    const state = layers.float64(name, this.#state.length)
    return () => this.#state.set(state)
  }
}
