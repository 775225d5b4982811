import { percent } from '../text/format.ts'
import { say } from '../text/say.ts'

/** An estimate with the interval it lies in: `55 % (27 % to 79 %)`. */
export const interval = (of: readonly [number, number, number] | null | undefined): string =>
  of === null || of === undefined
    ? '–'
    : say('thresholds.interval', '{{estimate}} ({{low}} to {{high}})', {
        low: percent(of[0]),
        estimate: percent(of[1]),
        high: percent(of[2]),
      })
