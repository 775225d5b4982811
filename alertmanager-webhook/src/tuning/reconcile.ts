import { overridden } from '../tuner/guard/record.ts'
import { rounded } from '../tuner/severity.ts'
import type { EntityState } from './entity-state.ts'
import type { Held } from './holders.ts'

export interface Reconciled {
  readonly state: EntityState
  /** An operator took a change back since the last look: the tuner is to leave the entity alone until it is let go on. */
  readonly rolledBack: boolean
}

/**
 * Brings what is kept of an entity into line with the threshold that the processor has. The processor is right: what an operator set, lifted or took
 * back there holds, and what the tuner had in mind is forgotten. Of an entity with a step under way nothing is concluded.
 */
export function reconciled(state: EntityState, held: Held): Reconciled {
  const { record, heeded, pending } = state
  if (pending !== null) return { state, rolledBack: false }
  const { threshold, rolledBack } = held
  const news = rolledBack > heeded
  const base = news ? { ...state, heeded: rolledBack } : state
  if (threshold?.source === 'operator')
    return { state: { ...base, record: overridden(record, threshold.value) }, rolledBack: false }
  const tuned = threshold === null ? null : rounded(threshold.value)
  const same = record.override === null && record.tuned === tuned
  if (same && !news) return { state: base, rolledBack: false }
  // Whatever was to be judged was made under another threshold.
  return {
    state: {
      ...base,
      record: { ...record, override: null, tuned, ...(record.tuned !== tuned && { open: null }) },
    },
    rolledBack: news && held.latest?.source === 'rollback',
  }
}
