/** Low, estimate, high. */
export type Interval = [low: number, estimate: number, high: number]

/** Of the normal distribution at 97.5 %. */
const Z = 1.959963984540054

/**
 * Wilson's score interval (95 %) of a share: sound for few and for extreme counts, where the textbook interval leaves [0, 1].
 * Null when there is nothing to take a share of. Counts may be fractions: of weighted samples.
 *
 * @see E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927)
 */
export function wilson(count: number, of: number): Interval | null {
  if (!(of > 0)) return null
  const share = count / of
  const z2 = (Z * Z) / of
  const centre = share + z2 / 2
  const spread = Z * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of))
  const bounded = (value: number) => Math.min(1, Math.max(0, value))
  // Rounding must not put an end of it beyond the estimate.
  return [
    Math.min(share, bounded((centre - spread) / (1 + z2))),
    share,
    Math.max(share, bounded((centre + spread) / (1 + z2))),
  ]
}
