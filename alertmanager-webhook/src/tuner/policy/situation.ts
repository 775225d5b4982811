import type { Action, Situation } from '../policy.ts'
import { MOST } from '../severity.ts'
import { checkNumber } from '../tuner-error.ts'

/** @throws TunerError when a number is not finite or out of range */
export function checkSituation({ threshold, nowMinute, burn, history }: Situation): void {
  checkNumber('threshold in force', threshold, 0, MOST)
  checkNumber('untuned threshold', history.initial, 0, MOST)
  checkNumber('time', nowMinute, 0, Number.MAX_SAFE_INTEGER)
  checkNumber('burn rate', burn, 0, Number.MAX_VALUE)
}

/** Which way a proposal goes. */
export const directionOf = (from: number, to: number): Action =>
  to > from + 1e-9 ? 'up' : to < from - 1e-9 ? 'down' : 'none'
