import type { Rng } from '../statistics/sampling.ts'
import type { Sample } from './cart.ts'

export interface PegasosOptions {
  /** Weight of the squared norm: the larger, the flatter. */
  readonly lambda: number
  /** Passes over the rows. */
  readonly epochs: number
}

/** value = Σ weights[i] · x[i] + bias; above 0 is anomalous. */
export interface Hyperplane {
  readonly weights: Float64Array
  readonly bias: number
}

/**
 * Linear support vector machine by stochastic sub-gradients: minimises λ/2 · (‖w‖² + bias²) + weighted mean of the hinge losses. The bias
 * is the weight of a feature that is always 1, as liblinear has it. Rows come in a new random order in each pass; the
 * result is the mean over the second half of all steps, which comes nearer to the minimum than the last one.
 *
 * Cost: O(epochs · rows · width). Needs features of like scale.
 *
 * Source: S. Shalev-Shwartz et al.: Pegasos (2011), without its projection step.
 */
export function pegasos(
  { rows, width, labels, weights: counts }: Sample,
  { lambda, epochs }: PegasosOptions,
  rng: Rng,
): Hyperplane {
  const count = labels.length
  const steps = epochs * count
  // The bias comes last.
  const w = new Float64Array(width + 1)
  const mean = new Float64Array(width + 1)
  const order = Uint32Array.from(labels, (_, i) => i)
  const heaviest = counts.reduce((a, b) => Math.max(a, b), 0)
  for (let step = 1; step <= steps; step++) {
    if ((step - 1) % count === 0) shuffle(order, rng)
    const row = order[(step - 1) % count]!
    const from = row * width
    const side = labels[row] === 1 ? 1 : -1
    let value = w[width]!
    for (let i = 0; i < width; i++) value += w[i]! * rows[from + i]!
    // The first steps of 1/(λ · step) would throw the weights far out.
    const rate = 1 / (lambda * step + heaviest)
    const shrink = 1 - rate * lambda
    const pull = side * value < 1 ? rate * side * counts[row]! : 0
    for (let i = 0; i < width; i++) w[i] = shrink * w[i]! + pull * rows[from + i]!
    w[width] = shrink * w[width]! + pull
    if (2 * step > steps)
      for (let i = 0; i <= width; i++) mean[i]! += (w[i]! - mean[i]!) / (step - Math.floor(steps / 2))
  }
  return { weights: mean.slice(0, width), bias: mean[width]! }
}

function shuffle(order: Uint32Array, rng: Rng): void {
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(rng() * (i + 1))
    const kept = order[i]!
    order[i] = order[other]!
    order[other] = kept
  }
}

export function decision({ weights, bias }: Hyperplane, row: Float64Array): number {
  let value = bias
  for (let i = 0; i < weights.length; i++) value += weights[i]! * row[i]!
  return value
}
