import type { SloReport, SloStatus } from '@adf/contract'
import type { DataFrame } from '@grafana/data'
import { number, table, text, time } from './answer.ts'

const PERCENT = { unit: 'percentunit' } as const
const burn = (of: SloStatus, window: string) =>
  of.windows.find((one) => one.window === window)?.burn_rate ?? null

/** A row for each objective: what is left of its budget, how fast it burns. */
export const objectiveFrame = ({ objectives }: SloReport, service?: string): DataFrame =>
  table(
    'objectives',
    objectives.filter((one) => service === undefined || service === '' || one.service === service),
    [
      text('objective', ({ display_name, name }) => display_name ?? name),
      text('service', (one) => one.service),
      number('target', ({ objective }) => objective, { ...PERCENT, decimals: 3 }),
      number('budget left', ({ budget }) => budget.left, PERCENT),
      number('burn rate 1h', (one) => burn(one, '1h')),
      number('burn rate 6h', (one) => burn(one, '6h')),
      number('burn rate 3d', (one) => burn(one, '3d')),
      time('gone at', ({ budget }) => budget.runs_out_at),
      text('alert', ({ alerts }) => alerts[0]?.severity ?? null),
      text('in words', ({ summary }) => summary),
    ],
  )
