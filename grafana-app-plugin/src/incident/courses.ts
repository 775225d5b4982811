import type { Anomaly } from '@adf/contract'

/** One feature of one entity over the time of an incident, as its anomalies show it. */
export interface FeatureCourse {
  readonly stream: string
  readonly entity: string
  readonly feature: string
  /** Unix milliseconds, ascending. */
  readonly times: readonly number[]
  readonly values: readonly number[]
  /** Normal range, as the latest of them has it. */
  readonly band: readonly [number, number]
  /** The latest in words. */
  readonly text: string
}

/**
 * The features of a service that say most, of at most `most` of them: those with the largest shares of its anomalies' scores. Only values with a normal range are told.
 *
 * @param service as the causal graph names it
 */
export function coursesOf(
  anomalies: readonly Anomaly[],
  service: string,
  most: number,
): readonly FeatureCourse[] {
  const found = new Map<string, FeatureCourse & { readonly weight: number }>()
  const own = anomalies
    .filter((anomaly) => nodeOf(anomaly) === service)
    .toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))
  for (const { stream, entity, time, contributions } of own)
    for (const { feature, value, band, share, text } of contributions) {
      if (value === null || band === null) continue
      const key = JSON.stringify([stream, entity.id, feature])
      const before = found.get(key)
      found.set(key, {
        stream,
        entity: entity.id,
        feature,
        times: [...(before?.times ?? []), Date.parse(time)],
        values: [...(before?.values ?? []), value],
        band,
        text,
        weight: (before?.weight ?? 0) + share,
      })
    }
  return [...found.values()]
    .sort((a, b) => b.weight - a.weight)
    .slice(0, most)
    .map(({ weight: _, ...course }) => course)
}

/** As the causal graph names the service of an entity. */
function nodeOf({ entity }: Pick<Anomaly, 'entity'>): string | undefined {
  if (entity.kind !== 'service' || entity.service === undefined) return undefined
  return entity.namespace === undefined || entity.namespace === ''
    ? entity.service
    : `${entity.namespace}/${entity.service}`
}
