/** Uniform numbers in [0, 1). */
export type Rng = () => number

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
