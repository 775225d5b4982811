import type { EntityStatus, Threshold } from '@adf/contract'
import type { DataFrame } from '@grafana/data'
import { linkTo, number, table, text, time } from './answer.ts'

const ENTITY = linkTo('Open the entity', 'entities')

const streamsOf = (entities: readonly EntityStatus[], stream: string | undefined) =>
  entities.flatMap(({ entity, problem, streams }) =>
    streams
      .filter((one) => stream === undefined || stream === '' || one.stream === stream)
      .map((one) => ({ entity, problem, ...one })),
  )

/** A row for each stream of each entity: is it scored, its latest score, what is missing. */
export const entityFrame = (entities: readonly EntityStatus[], stream?: string): DataFrame =>
  table('entities', streamsOf(entities, stream), [
    text('entity', ({ entity }) => entity.id, ENTITY),
    text('stream', (one) => one.stream),
    text('service', ({ entity }) => entity.service ?? null),
    text('state', ({ state }) => state),
    number('score', ({ score }) => score, { min: 0, max: 1 }),
    number('threshold', ({ threshold }) => threshold),
    number('learned', ({ learned }) => learned),
    number('features missing', ({ features }) => features.filter(({ value }) => value === null).length),
    time('last seen', ({ last_seen }) => last_seen),
    text('problem', ({ problem }) => problem),
  ])

/** A row for each stream of each entity: its threshold, what it was at first, who set it and why. */
export function thresholdFrame(
  entities: readonly EntityStatus[],
  set: readonly Threshold[],
  stream?: string,
): DataFrame {
  const held = new Map(set.map((one) => [`${one.stream} ${one.entity_id}`, one]))
  const rows = streamsOf(entities, stream).map((one) => ({
    ...one,
    held: held.get(`${one.stream} ${one.entity.id}`),
  }))
  return table('thresholds', rows, [
    text('entity', ({ entity }) => entity.id, ENTITY),
    text('stream', (one) => one.stream),
    number('threshold', ({ threshold }) => threshold),
    number('initial', ({ initial_threshold }) => initial_threshold),
    number('score', ({ score }) => score, { min: 0, max: 1 }),
    text('set by', ({ held }) => held?.source ?? 'nobody'),
    text('reason', ({ held }) => held?.reason ?? null),
    time('since', ({ held }) => held?.updated_at ?? null),
  ])
}
