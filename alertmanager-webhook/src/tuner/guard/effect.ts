import { changeOf } from '../evidence/curve.ts'
import type { Outlook } from '../evidence/reader.ts'
import type { Effect } from '../step.ts'

/** What going from one threshold to another makes of the episodes that an outlook is about. */
export function effectOf(outlook: Outlook, from: number, to: number): Effect {
  const low = Math.min(from, to)
  const high = Math.max(from, to)
  const counts = {
    alertsBefore: 0,
    alertsAfter: 0,
    judgedNoise: 0,
    noiseGone: 0,
    judgedUseful: 0,
    usefulLost: 0,
  }
  for (const { peak, verdicts } of outlook.episodes) {
    if (peak >= from) counts.alertsBefore++
    if (peak >= to) counts.alertsAfter++
    if (peak < low || verdicts.length === 0) continue
    const useful = verdicts.filter(({ value }) => value === 'true_positive').length * 2 > verdicts.length
    const between = peak < high
    if (useful) {
      counts.judgedUseful++
      if (between) counts.usefulLost++
    } else {
      counts.judgedNoise++
      if (between) counts.noiseGone++
    }
  }
  const { cost, confidence } = changeOf(outlook.curve, from, to)
  return { days: outlook.curve.days, ...counts, costChange: cost, confidence }
}
