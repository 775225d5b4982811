import { isKindRight, isRight, type TrialResult } from '@adf/demo'
import type { Row } from '../../suite.ts'

/**
 * Over all trials (`shop:mean`), and for each fault: the share whose service is the first cause (`as@1`) or among the first three (`as@3`), of
 * those the share whose kind is right too (`kind`), and over what became an incident the median and the longest time to it.
 */
export function rowsOf(results: readonly TrialResult[]): Row[] {
  const faults = Map.groupBy(results, ({ fault }) => `shop/${fault}`)
  return [['shop:mean', results] as const, ...faults].flatMap(([name, trials]) => {
    const right = trials.filter(isRight)
    const times = trials.flatMap(({ detected_after_s }) => detected_after_s ?? []).sort((a, b) => a - b)
    const measures = {
      trials: trials.length,
      missed: trials.length - times.length,
      'as@1': right.length / trials.length,
      'as@3': trials.filter(({ top, service }) => top.slice(0, 3).includes(service)).length / trials.length,
      kind: right.length === 0 ? 0 : right.filter(isKindRight).length / right.length,
      ...(times.length > 0 && {
        median_s: times[times.length >> 1] ?? 0,
        longest_s: times.at(-1) ?? 0,
      }),
    }
    return Object.entries(measures).map(([measure, value]) => {
      return { suite: 'quality', case: name, subject: 'adf', measure, value }
    })
  })
}
