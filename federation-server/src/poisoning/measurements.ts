import { medianInPlace } from '../vector/order.ts'
import type { Projection } from '../vector/projection.ts'
import { norm, type Values } from '../vector/vector.ts'
import type { InspectedUpdate, LayerSpan, Measured, MeasuredUpdate } from './inspection.ts'

/** What is looked at of an update of a round. */
export interface Measurement extends Measured {
  readonly clientId: string
  /** The sketch minus the usual one of the round: what this client says that others do not. */
  readonly residual: Float64Array
}

/** Norms below it are as good as nothing. */
const SMALLEST = 1e-12

/** Depends on nothing but the update: it can be done as soon as it is there. */
export function measure(values: Values, layers: readonly LayerSpan[], projection: Projection): Measured {
  const length = norm(values)
  const sketch = projection.sketch(values).map((value) => (length < SMALLEST ? 0 : value / length))
  return { sizes: sizesOf(values, layers), sketch }
}

/** Each update against the others of its round. */
export function measurements(
  updates: readonly (InspectedUpdate | MeasuredUpdate)[],
  layers: readonly LayerSpan[],
  projection: Projection,
): Measurement[] {
  const measured = updates.map((update) =>
    'measured' in update ? update.measured : measure(update.values, layers, projection),
  )
  const usual = centreOf(measured.map(({ sketch }) => sketch))
  return measured.map(({ sizes, sketch }, i) => ({
    clientId: updates[i]!.clientId,
    sizes,
    sketch,
    residual: sketch.map((value, k) => value - usual[k]!),
  }))
}

/**
 * A layer counts as at least as large as its share of the update's values: quantisation leaves a small one, such as a bias, with a few values or none,
 * and which of the two is chance.
 */
function sizesOf(values: Values, layers: readonly LayerSpan[]): Float64Array {
  const whole = norm(values)
  const least = (length: number) => whole * Math.sqrt(length / values.length)
  return Float64Array.from([
    size(whole),
    ...layers.map(({ offset, length }) =>
      size(Math.max(least(length), norm(values, offset, offset + length))),
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
