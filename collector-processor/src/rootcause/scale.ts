/** Robust z-score from which something is odd. */
export const ODD = 3
/** z-score from which trouble elsewhere may be felt: enough to pass it on, not to be blamed. */
export const TOUCHED = 0.5
/** z-score that an anomaly of full strength is worth. */
export const FULL = 20
