import type { Graph } from '@adf/contract'
import { type DataFrame, FieldType } from '@grafana/data'
import type { Span } from '../query.ts'
import { table, text, time } from './answer.ts'

/** Deployments within a time: what changed of which service. */
export function changeFrame(
  { changes }: Pick<Graph, 'changes'>,
  { from, to }: Span,
  service: string | undefined,
  annotations: boolean,
): DataFrame {
  const rows = changes.filter(
    (one) =>
      Date.parse(one.at) >= from &&
      Date.parse(one.at) <= to &&
      (service === undefined || service === '' || one.service === service),
  )
  if (!annotations)
    return table('changes', rows, [
      time('time', ({ at }) => at),
      text('service', (one) => one.service),
      text('what', ({ what }) => what),
      text('from', (one) => one.from),
      text('to', (one) => one.to),
    ])
  const frame = table('changes', rows, [
    time('time', ({ at }) => at),
    text('title', (one) => `${one.service}: ${one.what}`),
    text('text', (one) => `${one.attribute} was ${one.from}, is ${one.to}`),
  ])
  const tags = rows.map(({ what }) => ['change', what])
  return {
    ...frame,
    fields: [...frame.fields, { name: 'tags', type: FieldType.other, config: {}, values: tags }],
  }
}
