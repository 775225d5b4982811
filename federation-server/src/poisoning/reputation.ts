/** How far a client is trusted, from 0 to 1, by its updates so far. */
export interface Reputation {
  readonly value: number
  /** The latest round it was part of. */
  readonly seen: number
}

/** Of a client that is not known. */
export const BEGINNING = 0.7
/** Below it all updates of a client are held back, until enough of them are clean. */
export const DISTRUSTED = 0.3
const WEIGHT = 0.15

/**
 * Exponentially weighted mean of what its updates were like: small oddities that are not enough to hold one back add up, so that who
 * keeps just below the limit is held back at last; nine suspicious rounds out of ten are not outweighed by one clean one.
 */
export const nextReputation = (
  before: Reputation | undefined,
  suspicion: number,
  round: number,
): Reputation => {
  const value = before?.value ?? BEGINNING
  return { value: value + WEIGHT * (1 - suspicion - value), seen: round }
}
