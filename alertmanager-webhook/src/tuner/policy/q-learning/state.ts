import type { Bounds } from '../../bounds.ts'
import { type Change, changeOf } from '../../evidence/curve.ts'
import type { Outlook } from '../../evidence/reader.ts'
import type { Action } from '../../policy.ts'
import { DOUBLING, rounded } from '../../severity.ts'

export const ACTIONS = ['up', 'none', 'down'] as const satisfies readonly Action[]
/** Actions that change a threshold. */
export const MOVES = ['up', 'down'] as const satisfies readonly Action[]
export type Move = (typeof MOVES)[number]
const PULLS = ACTIONS
const STRENGTHS = ['weak', 'strong'] as const
const BURNS = ['calm', 'burning'] as const

/** 3 × 2 × 2: which way the stored peaks and verdicts pull, how surely, and whether the error budget burns too fast. */
export const STATES: readonly string[] = PULLS.flatMap((pull) =>
  STRENGTHS.flatMap((strength) => BURNS.map((burn) => `${pull}/${strength}/${burn}`)),
)

/** Confidence from which on a pull is strong. */
const STRONG = 0.8
/** Cost of a day that is worth a step. */
const LEAST = 0.002

export interface State {
  readonly place: number
  readonly name: string
  /** Where the pull leads: the threshold that is cheapest by what is believed. */
  readonly target: number
}

/**
 * The state of an entity. The pull is towards the threshold of the lowest expected cost, less a share of its uncertainty, of those a whole
 * number of steps away: noise that lies farther off than one step is seen, too.
 *
 * @param caution standard deviations of the change that count as cost
 */
export function stateOf(
  outlook: Outlook,
  threshold: number,
  bounds: Bounds,
  caution: number,
  step = DOUBLING,
): State {
  let best: { readonly to: number; readonly change: Change; readonly rated: number } | undefined
  const farthest = Math.ceil(Math.max(threshold - bounds.low, bounds.high - threshold) / step)
  for (let k = 1; k <= farthest; k++) {
    for (const to of [threshold + k * step, threshold - k * step].map(rounded)) {
      if (to < bounds.low - 1e-9 || to > bounds.high + 1e-9) continue
      const change = changeOf(outlook.curve, threshold, to)
      const rated = change.cost + caution * change.deviation
      if (rated < (best?.rated ?? -LEAST) - 1e-12) best = { to, change, rated }
    }
  }
  const pull: Action = best === undefined ? 'none' : best.to > threshold ? 'up' : 'down'
  const strong = best === undefined ? outlook.judged : best.change.confidence >= STRONG
  const name = `${pull}/${strong ? 'strong' : 'weak'}/${outlook.burning ? 'burning' : 'calm'}`
  return { place: STATES.indexOf(name), name, target: best?.to ?? threshold }
}
