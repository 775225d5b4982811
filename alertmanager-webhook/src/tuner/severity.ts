/**
 * A severity is −log10(p)/6 of a tail probability p, without the upper end that a score has; a threshold is the severity from which a
 * vector is anomalous. Stored severities have steps of 0.01 from 0 to 2 (p = 1e-12).
 */
export const MOST = 2
const STEPS_PER_UNIT = 100
/** Stored severities there are. */
export const LEVELS = MOST * STEPS_PER_UNIT + 1

/** Place of a severity among the stored ones; what is over the end counts as the end. */
export const levelOf = (severity: number): number =>
  Math.max(0, Math.min(LEVELS - 1, Math.floor(severity * STEPS_PER_UNIT + 1e-9)))

/** The lowest level that is not under a threshold. */
export const firingFrom = (threshold: number): number =>
  Math.max(0, Math.min(LEVELS, Math.ceil(threshold * STEPS_PER_UNIT - 1e-9)))

export const severityOf = (level: number): number => level / STEPS_PER_UNIT

/** Tail probability q that a threshold stands for. */
export const tailProbability = (threshold: number): number => 10 ** (-6 * threshold)

/** Steps of this size double or halve q, but for half a per cent. */
export const DOUBLING = 0.05

/** The nearest threshold that can be stored. */
export const rounded = (threshold: number): number => Math.round(threshold * STEPS_PER_UNIT) / STEPS_PER_UNIT

/** Whether two thresholds are as near to each other as rounding brings them: the untuned one follows from a budget, and is not round. */
export const nearlySame = (one: number, other: number): boolean =>
  Math.abs(one - other) <= 0.5 / STEPS_PER_UNIT + 1e-9
