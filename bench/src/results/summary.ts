import { median } from '../speed/measured-process.ts'
import type { Row } from '../suite.ts'

/** One row for the same row of several runs: the median, and the least and most that any of them came to. */
export function summarised(runs: readonly (readonly Row[])[]): Row[] {
  const same = Map.groupBy(runs.flat(), ({ suite, case: name, subject, measure }) =>
    [suite, name, subject, measure].join('\0'),
  )
  return [...same.values()].flatMap((rows) => {
    const [first] = rows
    if (first === undefined) return []
    if (rows.length === 1) return [first]
    return [
      {
        ...first,
        value: median(rows.map(({ value }) => value)),
        min: Math.min(...rows.map(({ min, value }) => min ?? value)),
        max: Math.max(...rows.map(({ max, value }) => max ?? value)),
      },
    ]
  })
}

/** Rows of what one case of a subject came to in each of several rounds. */
export function rowsOfRounds(
  of: Pick<Row, 'suite' | 'case' | 'subject'>,
  rounds: readonly Readonly<Record<string, number>>[],
): Row[] {
  return summarised(
    rounds.map((round) => Object.entries(round).map(([measure, value]) => ({ ...of, measure, value }))),
  )
}
