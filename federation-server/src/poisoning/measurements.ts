import { medianInPlace } from '../vector/order.ts'
import type { Projection } from '../vector/projection.ts'
import { norm, type Vector } from '../vector/vector.ts'
import type { InspectedUpdate, LayerSpan } from './inspection.ts'

/** What is looked at of an update: a few hundred numbers in place of all its values. */
export interface Measurement {
  readonly clientId: string
  /** Natural logarithm of the norm, then of that of each layer: they vary by factors. */
  readonly sizes: Float64Array
  /** Sketch of its direction, about as long as 1; zeros when it has none. */
  readonly sketch: Float64Array
  /** The sketch minus the usual one of the round: what this client says that others do not. */
  readonly residual: Float64Array
}

/** Norms below it are as good as nothing. */
const SMALLEST = 1e-12

export function measure(
  updates: readonly InspectedUpdate[],
  layers: readonly LayerSpan[],
  projection: Projection,
): Measurement[] {
  const sketches = updates.map(({ values }) => {
    const length = norm(values)
    return projection.sketch(values).map((value) => (length < SMALLEST ? 0 : value / length))
  })
  const usual = centreOf(sketches)
  return updates.map(({ clientId, values }, i) => ({
    clientId,
    sizes: sizesOf(values, layers),
    sketch: sketches[i]!,
    residual: sketches[i]!.map((value, k) => value - usual[k]!),
  }))
}

/**
 * A layer counts as at least as large as its share of the update's values: quantisation leaves a small one, such as a bias, with a few values or none,
 * and which of the two is chance.
 */
function sizesOf(values: Vector, layers: readonly LayerSpan[]): Float64Array {
  const whole = norm(values)
  const least = (length: number) => whole * Math.sqrt(length / values.length)
  return Float64Array.from([
    size(whole),
    ...layers.map(({ offset, length }) =>
      size(Math.max(least(length), norm(values.subarray(offset, offset + length)))),
    ),
  ])
}

const size = (length: number): number => Math.log(Math.max(SMALLEST, length))

/** The coordinate median: where fewer than half lie cannot move it far. */
export function centreOf(sketches: readonly Float64Array[]): Float64Array {
  const size = sketches[0]?.length ?? 0
  return Float64Array.from({ length: size }, (_, k) =>
    medianInPlace(Float64Array.from(sketches, (sketch) => sketch[k]!)),
  )
}
