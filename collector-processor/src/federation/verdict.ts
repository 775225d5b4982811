import type { Losses } from './training-job.ts'

/**
 * What becomes of new global weights on this site.
 *
 * - `first`: nothing judged so far: a new site begins with them, unless its first data say that they are useless
 * - `taken`: not worse on what was held out than the site's own
 * - `kept`: worse; what judged goes on
 */
export type Verdict = 'first' | 'taken' | 'kept'

/** Mean square error, in standard deviations, of always expecting the mean. */
const USELESS = 1

/** @param hasOwn whether weights judge already @param compared whether anything was held out; a loss that is no number then is the worst */
export function verdictOn({ global, personal, own }: Losses, hasOwn: boolean, compared: boolean): Verdict {
  if (!compared) return hasOwn ? 'kept' : 'first'
  const best = Math.min(...[global, personal].filter((loss) => !Number.isNaN(loss)))
  if (!hasOwn) return best < USELESS ? 'first' : 'kept'
  return best <= own || (Number.isNaN(own) && best < USELESS) ? 'taken' : 'kept'
}
