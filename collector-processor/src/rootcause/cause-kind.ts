import { CauseKind } from '@adf/contract'
import type { Finding, Place } from './finding.ts'
import { accidental } from './probability.ts'
import { FULL } from './scale.ts'

/** How often a cause of a kind shows something at a place; and how often causes of the kind are met. */
const SHOWS: Readonly<Record<CauseKind, Readonly<Record<Place, number>>>> = {
  code: { service: 0.9, way: 0.1, dependency: 0.05, host: 0.1, change: 0.02 },
  host: { service: 0.8, way: 0.6, dependency: 0.3, host: 0.9, change: 0.02 },
  network: { service: 0.1, way: 0.95, dependency: 0.05, host: 0.05, change: 0.02 },
  dependency: { service: 0.1, way: 0.05, dependency: 0.95, host: 0.05, change: 0.02 },
  change: { service: 0.8, way: 0.2, dependency: 0.1, host: 0.2, change: 0.98 },
}
const PRIOR: Readonly<Record<CauseKind, number>> = {
  code: 0.4,
  host: 0.2,
  network: 0.15,
  dependency: 0.15,
  change: 0.1,
}
const PLACES: readonly Place[] = ['service', 'way', 'dependency', 'host', 'change']

/**
 * Kinds of a cause with their probabilities, likeliest first, by Bayes' rule over the places at which it shows something,
 * taken as independent. What is there is a matter of degree: a finding counts by its chance to be no accident, and by
 * the root of its size beside an anomaly of full strength.
 */
export function kindsOf(
  findings: readonly Finding[],
  virtual: boolean,
): { kind: CauseKind; probability: number }[] {
  // it sends no spans: to those who name it, it is a dependency, whatever is wrong within
  if (virtual) return [{ kind: 'dependency', probability: 1 }]
  const there = new Map(PLACES.map((place) => [place, presence(findings, place)]))
  const likelihoods = CauseKind.options.map((kind) => {
    let likelihood = PRIOR[kind]
    for (const [place, degree] of there) {
      const shows = SHOWS[kind][place]
      likelihood *= degree * shows + (1 - degree) * (1 - shows)
    }
    return { kind, probability: likelihood }
  })
  const total = likelihoods.reduce((sum, { probability }) => sum + probability, 0)
  return likelihoods
    .map(({ kind, probability }) => ({ kind, probability: probability / total }))
    .sort((a, b) => b.probability - a.probability)
}

function presence(findings: readonly Finding[], place: Place): number {
  let largest = 0
  for (const finding of findings) if (finding.place === place) largest = Math.max(largest, finding.strength)
  return (1 - accidental(largest)) * Math.sqrt(Math.min(1, largest / FULL))
}
