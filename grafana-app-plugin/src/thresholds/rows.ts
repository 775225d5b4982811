import type { EntityStatus, Threshold } from '@adf/contract'
import type { TunedEntity } from '@adf/contract/feedback'

export interface Row {
  readonly stream: string
  readonly entity: string
  readonly threshold: number
  readonly initial: number
  /** Who holds it; null: nobody, it is the initial one. */
  readonly heldBy: Threshold['source'] | null
  /** What the tuner knows of it; undefined: nothing, or there is no tuner. */
  readonly tuned: TunedEntity | undefined
}

const keyOf = (stream: string, entity: string) => `${stream}\n${entity}`

/** Each stream of each entity with its threshold: those that somebody holds first, then those with most verdicts, then by name. */
export function rowsOf(
  entities: readonly EntityStatus[],
  thresholds: readonly Threshold[],
  tuned: readonly TunedEntity[],
): readonly Row[] {
  const held = new Map(thresholds.map((one) => [keyOf(one.stream, one.entity_id), one]))
  const known = new Map(tuned.map((one) => [keyOf(one.stream, one.entity_id), one]))
  const rows = entities.flatMap(({ entity, streams }) =>
    streams.map(({ stream, threshold, initial_threshold }) => {
      const key = keyOf(stream, entity.id)
      return {
        stream,
        entity: entity.id,
        threshold: held.get(key)?.value ?? threshold,
        initial: initial_threshold,
        heldBy: held.get(key)?.source ?? null,
        tuned: known.get(key),
      }
    }),
  )
  return rows.sort(
    (a, b) =>
      Number(b.heldBy !== null) - Number(a.heldBy !== null) ||
      (b.tuned?.verdicts ?? 0) - (a.tuned?.verdicts ?? 0) ||
      a.entity.localeCompare(b.entity) ||
      a.stream.localeCompare(b.stream),
  )
}
