/** Standard deviations beyond which a vector is learned as if it were no farther off: one wild value must not say what is normal. */
const LIMIT = 20

/** A standardised value as detectors learn it. */
export const drawnIn = (z: number): number => Math.max(-LIMIT, Math.min(LIMIT, z))
