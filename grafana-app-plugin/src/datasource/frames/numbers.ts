import type { Stats } from '@adf/contract'
import type { DataFrame } from '@grafana/data'
import { number, table, time } from './answer.ts'

/** One row: what was found, and what operators said of it. */
export const numberFrame = (stats: Stats): DataFrame =>
  table(
    'numbers',
    [stats],
    [
      time('time', ({ at }) => at),
      number('open incidents', ({ incidents }) => incidents.open),
      number('incidents', ({ incidents }) => incidents.total),
      number('anomalies', ({ anomalies }) => anomalies.total),
      number('anomalies of the last hour', ({ anomalies }) => anomalies.last_hour),
      number('anomalies of the last day', ({ anomalies }) => anomalies.last_day),
      number('useful', ({ incidents }) => incidents.by_verdict.true_positive),
      number('noise', ({ incidents }) => incidents.by_verdict.false_positive),
      number('cause confirmed', ({ root_causes }) => root_causes.accuracy, { unit: 'percentunit' }),
    ],
  )
