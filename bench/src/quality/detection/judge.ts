import type { Window } from './data/case.ts'
import type { Cost } from './exchange/child.ts'
import type { Scored } from './exchange/folder.ts'
import { affiliation } from './measures/affiliation.ts'
import { eventF1 } from './measures/events.ts'
import { pointF1, precisionRecall } from './measures/points.ts'
import { vusPr } from './measures/vus.ts'

/** What a case is judged by: all of it but the values. */
export interface Truth {
  readonly name: string
  readonly means: readonly string[]
  readonly labels: Uint8Array
  /** Buffer of VUS, in rows. */
  readonly vusWindow: number
  readonly offset: number
  readonly windows: readonly Window[] | undefined
}

/** Values by measure, in the order of the table. */
export type Judgement = ReadonlyMap<string, number>

/** Measures of one case. Where no row is labelled only the cost can be told. */
export function judge({ labels, vusWindow }: Truth, { scores, flags }: Scored, cost: Cost): Judgement {
  const costs: [string, number][] = [
    ['cpu_s', cost.cpuS],
    ['rss_mb', cost.rssMb],
  ]
  if (!labels.includes(1)) return new Map(costs)
  const { aucPr, bestF1 } = precisionRecall(labels, scores)
  return new Map([
    ['vus_pr', vusPr(labels, scores, vusWindow)],
    ['auc_pr', aucPr],
    ['f1_label_free', pointF1(labels, flags)],
    ['f1_best', bestF1],
    ['f1_event', eventF1(labels, flags)],
    ['f1_affiliation', affiliation(labels, flags).f1],
    ...costs,
  ])
}
