import { median } from '../speed/measured-process.ts'
import type { Row } from '../suite.ts'

/** A measure in both versions, over pairs of runs. */
export interface Compared {
  readonly suite: string
  readonly case: string
  readonly subject: string
  readonly measure: string
  /** Medians. */
  readonly before: number
  readonly after: number
  /** after / before, pair by pair: the machine's speed drifts, and both of a pair had the same. */
  readonly ratio: { readonly min: number; readonly median: number; readonly max: number }
}

/** Of what all runs of both versions have. @param pairs a run of each version, one right after the other */
export function compared(
  pairs: readonly { readonly before: readonly Row[]; readonly after: readonly Row[] }[],
): Compared[] {
  const keyed = pairs.map(({ before, after }) => ({ before: byKey(before), after: byKey(after) }))
  return (pairs[0]?.after ?? []).flatMap(({ suite, case: name, subject, measure, ...rest }) => {
    const key = keyOf({ suite, case: name, subject, measure, ...rest })
    const values = keyed.flatMap(({ before, after }) => {
      const [a, b] = [before.get(key), after.get(key)]
      return a === undefined || b === undefined ? [] : [{ before: a, after: b }]
    })
    if (values.length < pairs.length) return []
    const ratios = values.map(({ before, after }) => (before === after ? 1 : after / before))
    return [
      {
        suite,
        case: name,
        subject,
        measure,
        before: median(values.map(({ before }) => before)),
        after: median(values.map(({ after }) => after)),
        ratio: { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) },
      },
    ]
  })
}

const keyOf = ({ suite, case: name, subject, measure }: Row) => [suite, name, subject, measure].join('\0')
const byKey = (rows: readonly Row[]) => new Map(rows.map((row) => [keyOf(row), row.value]))
