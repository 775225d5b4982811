import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Uniform numbers in [0, 1). */
export type Rng = () => number

/** The same numbers for the same seed (xoroshiro128+): for generators, replay and tests. */
export function seeded(seed: number): Rng {
  const generator = xoroshiro128plus(seed)
  return () => uniformFloat64(generator)
}

/** Standard normal (Box–Muller, one of the pair). */
export const normal = (rng: Rng): number =>
  Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng())

/** Exponential with mean 1. */
export const exponential = (rng: Rng): number => -Math.log(1 - rng())

/** Poisson counts by counting exponential gaps; O(mean). */
export function poisson(rng: Rng, mean: number): number {
  let count = -1
  for (let time = 0; time <= mean; count++) time += exponential(rng)
  return count
}
