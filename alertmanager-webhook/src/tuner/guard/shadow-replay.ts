import type { Outlook } from '../evidence/reader.ts'
import type { Effect, Refusal } from '../step.ts'
import { effectOf } from './effect.ts'

/**
 * Replays a threshold over what is stored before a step towards it is made: no step whose replayed cost is worse, or of which too little is
 * known. The threshold that is replayed is where the policy wants to go, since noise may lie some steps away.
 *
 * @param least confidence that a step needs
 */
export function shadowReplay(
  outlook: Outlook,
  from: number,
  wanted: number,
  least: number,
): { readonly effect: Effect; readonly refusal: Refusal | null } {
  const effect = effectOf(outlook, from, wanted)
  if (!(effect.costChange < 0)) return { effect, refusal: 'replay_worse' }
  if (effect.confidence < least) return { effect, refusal: 'too_little_known' }
  return { effect, refusal: null }
}
