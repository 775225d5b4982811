/** What a detector judges a vector by: each value by itself; values by their time and company; a stretch of vectors together. */
export type Family = 'marginal' | 'contextual' | 'collective'

/** As `AnomalyType` of the API. */
export type NamedType = 'point' | 'contextual' | 'collective'

/** Calibrated score that each family gives the vector: the largest of its detectors', 0 where there is none. */
export type Sight = Readonly<Record<Family, number>>

/** An anomaly so far: vectors at which each family saw it, and which saw it first. */
export interface Course extends Readonly<Record<Family, number>> {
  readonly first: Family
}

const MARGINAL = new Set(['rules', 'robust', 'percentile', 'hbos'])
const COLLECTIVE = new Set(['stretch', 'subsequence-pca'])

/** Of a detector, by its name. What compares features or predicts them is contextual. */
export function familyOf(detector: string): Family {
  if (MARGINAL.has(detector)) return 'marginal'
  return COLLECTIVE.has(detector) ? 'collective' : 'contextual'
}

/** The course with one more vector; undefined while no family sees anything. */
export function follow(course: Course | undefined, sight: Sight, threshold: number): Course | undefined {
  const sees = (family: Family) => (sight[family] >= threshold ? 1 : 0)
  const [marginal, contextual, collective] = [sees('marginal'), sees('contextual'), sees('collective')]
  if (course === undefined && marginal + contextual + collective === 0) return undefined
  const first = marginal > 0 ? 'marginal' : contextual > 0 ? 'contextual' : 'collective'
  return {
    first: course?.first ?? first,
    marginal: (course?.marginal ?? 0) + marginal,
    contextual: (course?.contextual ?? 0) + contextual,
    collective: (course?.collective ?? 0) + collective,
  }
}

/** Vectors from which a deviation lasts. */
const LASTING = 3

/**
 * Name of an anomaly by who saw it, and for how long. The rules, in order:
 *
 * 1. Nothing but the stretch is odd, or it was so first and for longer than any vector: `collective`. (A stretch that a far vector is in
 *    is odd too, but only after the vector was.)
 * 2. The values themselves were odd, in at least half as many vectors as their context was: `point`.
 * 3. The context alone was odd, in fewer than three vectors so far: `point`, an outlier among its neighbours.
 * 4. Else `contextual`: values that are common, at the wrong time or in the wrong company.
 *
 * Fails when: no detector of a family is there (what only it sees has no name but `contextual`), or anomalies follow one another within a
 * stretch and are taken for one. Pure; O(1).
 *
 * Source: A. Blázquez-García et al.: A review on outlier/anomaly detection in time series data (ACM Computing Surveys 2021), for
 * point (global and local) and subsequence outliers; V. Chandola et al.: Anomaly detection, a survey (2009), for contextual.
 */
export function anomalyType(course: Course): NamedType {
  const { first, marginal, contextual, collective } = course
  const direct = Math.max(marginal, contextual)
  if (direct === 0 || (first === 'collective' && collective > 2 * direct)) return 'collective'
  if (marginal > 0 && 2 * marginal >= contextual) return 'point'
  return contextual < LASTING ? 'point' : 'contextual'
}
