import type { Anomaly } from '@adf/contract'
import { type DataFrame, FieldType } from '@grafana/data'
import { linkTo, number, table, text, time, withAnswer } from './answer.ts'

const first = ({ contributions }: Anomaly) => contributions[0]

/** A row for each anomaly, with the feature that added most. */
export const anomalyFrame = (anomalies: readonly Anomaly[]): DataFrame =>
  withAnswer(
    table('anomalies', anomalies, [
      time('time', (one) => one.time),
      text('stream', ({ stream }) => stream),
      text('entity', ({ entity }) => entity.id, linkTo('Open the entity', 'entities')),
      text('type', ({ type }) => type),
      number('score', ({ score }) => score, { min: 0, max: 1 }),
      number('severity', ({ severity, score }) => severity ?? score),
      number('threshold', ({ threshold }) => threshold),
      text('detector', ({ detector }) => detector),
      text('feature', (one) => first(one)?.feature ?? null),
      text('why', (one) => first(one)?.text ?? null),
      text('verdict', ({ verdict }) => verdict),
      text('incident', ({ incident_id }) => incident_id, linkTo('Open the incident', 'incidents')),
      text('id', ({ id }) => id),
    ]),
    { anomalies },
  )

/** A mark at the time of each anomaly. */
export const anomalyAnnotations = (anomalies: readonly Anomaly[]): DataFrame => {
  const frame = table('anomalies', anomalies, [
    time('time', (one) => one.time),
    text('title', ({ entity, stream }) => `${entity.id} (${stream})`),
    text('text', (one) => first(one)?.text ?? `score ${one.score.toFixed(2)}`),
    text('id', ({ id }) => id),
  ])
  const tags = anomalies.map(({ type, stream }) => ['anomaly', stream, type])
  return {
    ...frame,
    fields: [...frame.fields, { name: 'tags', type: FieldType.other, config: {}, values: tags }],
  }
}
