import { normal, type Rng, seeded } from '@adf/detectors/sampling'

/** A stream of random numbers for one decision: from seed, entity and minute, so that there is none to be saved and a repeated call gives the same. */
export function rngFor(seed: number, key: string, minute: number): Rng {
  // FNV-1a, 32 bits.
  let hash = 0x811c9dc5
  for (const text of [String(seed), key, String(minute)].join('\n')) {
    hash ^= text.codePointAt(0) ?? 0
    hash = Math.imul(hash, 0x01000193)
  }
  return seeded(hash >>> 0)
}

/**
 * A gamma variable of scale 1; shape > 0.
 *
 * Source: G. Marsaglia, W. W. Tsang: A simple method for generating gamma variables (2000).
 */
function gamma(rng: Rng, shape: number): number {
  if (shape < 1) return gamma(rng, shape + 1) * (1 - rng()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal(rng)
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    if (Math.log(1 - rng()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

export function beta(rng: Rng, a: number, b: number): number {
  const x = gamma(rng, a)
  const y = gamma(rng, b)
  return x + y > 0 ? x / (x + y) : a / (a + b)
}
