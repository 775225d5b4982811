import { type NetworkSpec, seeded, weightCount } from '@adf/detectors'
import { compressUpdate } from '@adf/detectors/update'

/** A uniform value of variance 1. */
const uniform = (rng: () => number): number => 3.4641 * (rng() - 0.5)

/**
 * Frames of as many sites: a direction that all share, and half as much of each one's own, at the step of the first rounds. Twins would be
 * held back as one attacker under two names.
 */
export function* updatesOf(network: NetworkSpec, sites: number): Generator<Uint8Array> {
  const count = weightCount(network)
  const rng = seeded(5)
  const shared = Float32Array.from({ length: count }, () => uniform(rng))
  for (let site = 1; site <= sites; site++) {
    const own = seeded(7919 * site + 13)
    yield compressUpdate(
      shared.map((value) => 0.01 * (value + 0.5 * uniform(own))),
      1,
    ).bytes
  }
}
