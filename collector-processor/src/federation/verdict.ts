import type { Losses } from './training-job.ts'

/**
 * What becomes of new global weights on this site.
 *
 * - `first`: nothing judged so far, so that anything learned is better: a new site begins with them
 * - `taken`: not worse on what was held out; `kept`: worse than the site's own, which go on; `unknown`: nothing was held out yet, and the
 *   site's own go on
 */
export type Verdict = 'first' | 'taken' | 'kept' | 'unknown'

/** @param hasOwn whether weights judge already */
export function verdictOn({ global, personal, own }: Losses, hasOwn: boolean): Verdict {
  if (!hasOwn) return 'first'
  if (Number.isNaN(global) || Number.isNaN(own)) return 'unknown'
  const best = Number.isNaN(personal) ? global : Math.min(global, personal)
  return best <= own ? 'taken' : 'kept'
}
