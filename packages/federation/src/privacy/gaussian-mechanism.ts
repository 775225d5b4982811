import type { ClientPrivacy } from '@adf/contract/federation'
import { normal, type Rng } from '@adf/detectors'

/**
 * An update shortened to a norm and hidden in Gaussian noise (H. B. McMahan et al.: Learning Differentially Private Recurrent Language
 * Models, 2018, with the noise added where the data are): whether the site took part at all can then hardly be told by anyone, the
 * server included. What comes after it (quantisation, residuals, aggregation) cannot undo that.
 *
 * Noise of floating point is not exactly Gaussian (I. Mironov: On significance of the least significant bits, 2012); of the values
 * only a few bits each are sent.
 *
 * @param rng of a source that nobody can foretell, or the noise can be subtracted
 * @throws RangeError for values, a norm or noise that are not finite
 */
export function privatise(update: Float32Array, privacy: ClientPrivacy, rng: Rng): Float32Array {
  const { clip_norm, noise_multiplier } = privacy
  const deviation = clip_norm * noise_multiplier
  if (!(clip_norm > 0 && deviation > 0 && deviation < Number.POSITIVE_INFINITY))
    throw new RangeError(`clip norm ${clip_norm}, noise multiplier ${noise_multiplier}`)
  let squares = 0
  for (const value of update) squares += value * value
  if (!Number.isFinite(squares)) throw new RangeError('the update is not finite')
  const norm = Math.sqrt(squares)
  const factor = norm > clip_norm ? clip_norm / norm : 1
  return update.map((value) => factor * value + deviation * normal(rng))
}
