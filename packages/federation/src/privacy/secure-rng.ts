import type { Rng } from '@adf/detectors'

const BLOCK = 1024
const TWO_32 = 2 ** 32

/**
 * Uniform numbers in [0, 1) of 53 bits, from a cryptographic source.
 *
 * @param fill fills an array with random words, such as `crypto.getRandomValues`
 */
export function secureRng(fill: (words: Uint32Array) => void): Rng {
  const words = new Uint32Array(BLOCK)
  let at = BLOCK
  return () => {
    if (at === BLOCK) {
      fill(words)
      at = 0
    }
    const high = words[at]! >>> 5
    const low = words[at + 1]! >>> 6
    at += 2
    return (high * 2 ** 26 + low) / (TWO_32 * 2 ** 21)
  }
}
