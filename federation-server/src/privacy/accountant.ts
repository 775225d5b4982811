/**
 * What a client's data have lost after so many updates of it, each shortened to a norm C and with Gaussian noise of deviation z·C added: the
 * smallest ε for this δ, by Rényi differential privacy. Neighbouring data are with and without a client's whole contribution to a round; since the
 * server sees each update by itself, choosing some of the clients adds no privacy, and none is claimed.
 *
 * I. Mironov, "Rényi Differential Privacy", CSF 2017: α·T/(2z²) at order α after T updates; to (ε, δ) by B. Balle et al., "Hypothesis Testing
 * Interpretations and Rényi Differential Privacy", AISTATS 2020.
 *
 * @param updates of the client that took part most, @param noiseMultiplier z, above 0
 */
export function epsilonOf(updates: number, noiseMultiplier: number, delta: number): number {
  if (updates === 0) return 0
  let least = Number.POSITIVE_INFINITY
  for (const order of ORDERS) {
    const renyi = (updates * order) / (2 * noiseMultiplier ** 2)
    const epsilon = renyi + Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1)
    least = Math.min(least, epsilon)
  }
  return Math.max(0, least)
}

/** From 1.01 on, each a twentieth farther from 1: close enough that a finer list gains no thousandth of ε. */
const ORDERS = Array.from({ length: 240 }, (_, i) => 1 + 0.01 * 1.05 ** i)
