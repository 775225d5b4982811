import type { IncidentExport } from '@adf/contract'
import type { DataFrame } from '@grafana/data'
import { number, table, text, time, withAnswer } from './answer.ts'

const PERCENT = { unit: 'percentunit', min: 0, max: 1 } as const

/** The ranked causes of one incident, and what speaks for each. */
export function causeFrames(of: IncidentExport): DataFrame[] {
  const { causes } = of.incident
  const evidence = causes.flatMap(({ service, evidence }) => evidence.map((one) => ({ service, ...one })))
  return [
    withAnswer(
      table('causes', causes, [
        text('service', ({ service }) => service),
        number('probability', ({ probability }) => probability, PERCENT),
        text('kind', ({ kind }) => kind),
        text('evidence', ({ evidence }) => evidence[0]?.text ?? null),
        text('path', ({ path }) => path.join(' → ')),
        text('to confirm', ({ confirm }) => confirm.join('; ')),
      ]),
      { incident: of },
    ),
    table('evidence', evidence, [
      text('service', ({ service }) => service),
      text('kind', ({ kind }) => kind),
      text('text', ({ text }) => text),
      number('value', ({ value }) => value),
      number('expected', ({ expected }) => expected),
      text('unit', ({ unit }) => unit),
      number('probability', ({ probability }) => probability, PERCENT),
      time('since', ({ since }) => since),
    ]),
  ]
}

/** What happened when in one incident, oldest first. */
export const timelineFrame = (of: IncidentExport): DataFrame =>
  withAnswer(
    table('timeline', of.timeline, [
      time('time', ({ at }) => at),
      text('what', ({ kind }) => kind),
      text('subject', ({ subject }) => subject),
      text('text', ({ text }) => text),
    ]),
    { incident: of },
  )
