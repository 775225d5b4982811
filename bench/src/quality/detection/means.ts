import type { Truth } from './judge.ts'
import type { Judged } from './judged.ts'
import { nabAt, nabBest } from './measures/nab.ts'

/** Aggregates of one detector: values by measure, for each name in `means` of its cases. */
export function meansOf(judged: readonly Judged[]): Map<string, Map<string, number>> {
  const names = [...new Set(judged.flatMap(({ truth }) => truth.means))]
  const nab = nabOf(judged)
  return new Map(
    names.map((name) => {
      const own = judged.filter(({ truth }) => truth.means.includes(name))
      return [name, new Map([...meanOf(own), ...nab(own)])]
    }),
  )
}

/** Mean over the cases that have a measure; of memory the peak. */
function meanOf(judged: readonly Judged[]): Map<string, number> {
  const values = new Map<string, number[]>()
  for (const { judgement } of judged)
    for (const [measure, value] of judgement) values.set(measure, [...(values.get(measure) ?? []), value])
  return new Map(
    [...values].map(([measure, all]) => [
      measure,
      measure === 'rss_mb' ? Math.max(...all) : all.reduce((a, b) => a + b, 0) / all.length,
    ]),
  )
}

/**
 * NAB's scores of some of the files. `nab_standard`: at the one threshold that is best for all files of the run, as NAB does
 * it; `nab_label_free`: of the detector's own flags.
 */
export function nabOf(all: readonly Judged[]): (part: readonly Judged[]) => [string, number][] {
  const files = all.flatMap(({ truth, scored }) => fileOf(truth, scored.scores))
  if (files.length === 0) return () => []
  const { threshold } = nabBest(files)
  return (part) => {
    const scores = part.flatMap(({ truth, scored }) => fileOf(truth, scored.scores))
    const flags = part.flatMap(({ truth, scored }) => fileOf(truth, Float64Array.from(scored.flags)))
    const values: [string, number][] = [
      ['nab_standard', nabAt(scores, threshold).score],
      ['nab_label_free', nabAt(flags, 1).score],
    ]
    return values.filter(([, value]) => Number.isFinite(value))
  }
}

function fileOf({ windows, offset }: Truth, scores: Float64Array) {
  return windows === undefined ? [] : [{ windows, offset, scores }]
}
