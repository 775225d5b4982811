import type { Incident } from '@adf/contract'
import { type DataFrame, FieldType } from '@grafana/data'
import { linkTo, number, table, text, time, withAnswer } from './answer.ts'

const PERCENT = { unit: 'percentunit', min: 0, max: 1 } as const

/** A row for each incident, with the first-ranked cause. */
export const incidentFrame = (incidents: readonly Incident[]): DataFrame =>
  withAnswer(
    table('incidents', incidents, [
      time('started', ({ started_at }) => started_at),
      text('state', ({ state }) => state),
      text('title', ({ title }) => title),
      text('cause', ({ causes }) => causes[0]?.service ?? null),
      number('probability', ({ causes }) => causes[0]?.probability ?? null, PERCENT),
      number('score', ({ max_score }) => max_score, { min: 0, max: 1 }),
      text('services', ({ services }) => services.join(', ')),
      number('anomalies', ({ anomaly_count }) => anomaly_count),
      text('verdict', ({ verdict }) => verdict),
      time('resolved', ({ resolved_at }) => resolved_at),
      text('incident', ({ id }) => id, linkTo('Open the incident', 'incidents')),
    ]),
    { incidents },
  )

/** Stretches from the beginning of each incident to its end; an open one reaches to `now`. */
export const incidentAnnotations = (incidents: readonly Incident[], now: number): DataFrame => {
  const frame = table('incidents', incidents, [
    time('time', ({ started_at }) => started_at),
    text('title', ({ causes, state }) =>
      causes[0] === undefined ? `incident (${state})` : `${causes[0].service} (${state})`,
    ),
    text('text', ({ title }) => title),
    text('id', ({ id }) => id, linkTo('Open the incident', 'incidents')),
  ])
  return {
    ...frame,
    fields: [
      ...frame.fields,
      {
        name: 'timeEnd',
        type: FieldType.time,
        config: {},
        values: incidents.map(({ resolved_at }) => (resolved_at === null ? now : Date.parse(resolved_at))),
      },
      {
        name: 'tags',
        type: FieldType.other,
        config: {},
        values: incidents.map(({ services }) => ['incident', ...services]),
      },
    ],
  }
}
