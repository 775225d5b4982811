/** Robust z-score from which something is odd. */
export const ODD = 3
/** z-score that an anomaly of full strength is worth. */
export const FULL = 20
