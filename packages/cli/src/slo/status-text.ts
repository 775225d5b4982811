import type { SloReport, SloStatus } from '@adf/contract'
import { columns } from '../output/columns.ts'
import { styled } from '../output/style.ts'

const WINDOWS = ['5m', '1h', '6h', '3d'] as const
const HEAD = ['SLO', 'SERVICE', 'TARGET', ...WINDOWS.map((window) => `BURN ${window}`), 'LEFT', 'COUNTED BY']

/** A report as a table, and a sentence for each objective that needs one. */
export function statusText({ at, objectives }: SloReport): string {
  if (objectives.length === 0) return `No request was counted and no objective is configured at ${at}.`
  const rows = objectives.map((one) => [
    one.name,
    one.service,
    `${Number((100 * one.objective).toPrecision(8))} %`,
    ...WINDOWS.map((window) => rate(one, window)),
    one.budget.left === null ? '-' : `${(100 * one.budget.left).toFixed(1)} %`,
    one.source ?? '-',
  ])
  const right = HEAD.filter((name) => !['SLO', 'SERVICE', 'COUNTED BY'].includes(name))
  return [
    columns(HEAD, rows, right),
    '',
    ...objectives.flatMap((one) => [
      `${styled('bold', `${one.name} of ${one.service}`)}: ${one.summary}`,
      ...one.alerts.map(
        ({ severity, summary, since }) => `  ${styled('red', severity)} since ${since}: ${summary}`,
      ),
      ...(one.problem === null ? [] : [`  ${styled('yellow', 'problem')}: ${one.problem}`]),
    ]),
  ].join('\n')
}

function rate({ windows }: SloStatus, window: string): string {
  const value = windows.find((each) => each.window === window)?.burn_rate ?? null
  return value === null ? '-' : value.toFixed(2)
}
