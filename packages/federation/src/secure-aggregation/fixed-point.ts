import { type SecureRound, scaleOf } from './parameters.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'

/** An update in the ring of integers modulo 2³². */
export interface RingUpdate {
  /** One term for each value, in two's complement, then the weight. */
  readonly terms: Uint32Array
  /** Values that were cut to ±clip. */
  readonly clipped: number
}

export interface WeightedMean {
  readonly mean: Float64Array
  /** Sum of the samples that counted. */
  readonly weight: number
}

/**
 * An update times its weight, in fixed point: round(scale · weight · value), with the weight at most `sampleCap` and values cut to
 * ±clip. So no term is beyond `largestTerm`, and sums of as many terms as there may be clients are exact.
 *
 * @throws SecureAggregationError `invalid_update`
 */
export function toRing(round: SecureRound, update: Float32Array, samples: number): RingUpdate {
  const { length, clip, sampleCap } = round
  if (update.length !== length)
    throw new SecureAggregationError('invalid_update', `${update.length} values, the round has ${length}`)
  if (!Number.isSafeInteger(samples) || samples < 1)
    throw new SecureAggregationError('invalid_update', `${samples} samples`)
  const weight = Math.min(samples, sampleCap)
  const factor = scaleOf(round) * weight
  const terms = new Uint32Array(length + 1)
  let clipped = 0
  for (let i = 0; i < length; i++) {
    const value = update[i]!
    if (!Number.isFinite(value))
      throw new SecureAggregationError('invalid_update', `value ${i} is ${value}, must be finite`)
    if (value > clip || value < -clip) clipped++
    // Rounding takes off what the last bit of the factor may add to the largest term.
    terms[i] = Math.round(factor * Math.max(-clip, Math.min(clip, value)))
  }
  terms[length] = weight
  return { terms, clipped }
}

/**
 * The mean that a sum of `toRing` stands for. Of n updates each mean is off by at most n / (2 · scale · weight) from that of the cut
 * values, and by the rounding of float64.
 *
 * @param survivors how many are in the sum @throws SecureAggregationError `implausible_weight`
 */
export function fromRing(round: SecureRound, sum: Uint32Array, survivors: number): WeightedMean {
  const { length, sampleCap } = round
  const weight = sum[length]!
  if (weight < survivors || weight > survivors * sampleCap)
    throw new SecureAggregationError(
      'implausible_weight',
      `${weight} samples of ${survivors} clients with 1 to ${sampleCap} each`,
    )
  const unit = scaleOf(round) * weight
  const signed = new Int32Array(sum.buffer, sum.byteOffset, length)
  return { mean: Float64Array.from(signed, (term) => term / unit), weight }
}
