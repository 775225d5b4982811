import type { Rng } from '../statistics/sampling.ts'

/**
 * Which `size` of `count` things to keep, each as likely as any other (J. S. Vitter: algorithm R, 1985); all when there are not
 * more. Ascending.
 */
export function reservoir(count: number, size: number, rng: Rng): Uint32Array {
  const kept = Uint32Array.from({ length: Math.min(count, size) }, (_, i) => i)
  for (let i = size; i < count; i++) {
    const place = Math.floor(rng() * (i + 1))
    if (place < size) kept[place] = i
  }
  return kept.sort()
}
