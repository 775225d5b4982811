import type { Logger } from '@adf/service'
import type { TunerState, TunerStore } from '../store/tuner-store.ts'
import type { Json } from '../tuner/policy.ts'
import { Tuner, type TunerOptions } from '../tuner/tuner.ts'
import { type EntityState, readEntityState, writeEntityState } from './entity-state.ts'
import { type Place, placeKey } from './roster.ts'

const STATES_PAGE = 500
/** Under which the policy's state is kept: no stream is called so. */
const POLICY_KEY = '*'

/** What is kept of every entity, by placeKey. One that cannot be read is logged, and begins anew. */
export async function keptStates(
  store: Pick<TunerStore, 'states'>,
  log: Pick<Logger, 'warn'>,
): Promise<Map<string, EntityState>> {
  const states = new Map<string, EntityState>()
  let cursor: string | undefined
  do {
    const page = await store.states({ limit: STATES_PAGE, cursor })
    for (const { stream, entityId, state } of page.items) {
      if (entityId === undefined) continue
      try {
        states.set(placeKey(stream, entityId), readEntityState(state))
      } catch (error) {
        log.warn(
          { err: error, stream, entity: entityId },
          'kept state of the tuner cannot be read; it begins anew',
        )
      }
    }
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return states
}

/** The tuner with what its policy has learned. What cannot be read is logged, and it begins anew. */
export async function keptTuner(
  store: Pick<TunerStore, 'state'>,
  options: TunerOptions,
  log: Pick<Logger, 'warn'>,
): Promise<Tuner> {
  const kept = await store.state({ stream: POLICY_KEY, entityId: undefined })
  if (kept === undefined) return new Tuner(options)
  try {
    const { policy, state } = JSON.parse(kept.state) as { policy?: string; state?: Json }
    // Another policy was configured before: what that one learned says nothing to this.
    if (policy !== policyOf(options)) return new Tuner(options)
    return new Tuner(options, state)
  } catch (error) {
    log.warn({ err: error }, 'what the tuner had learned cannot be read; it begins anew')
    return new Tuner(options)
  }
}

export const policyRow = (tuner: Tuner, options: TunerOptions, updatedMs: number): TunerState => ({
  stream: POLICY_KEY,
  entityId: undefined,
  state: JSON.stringify({ policy: policyOf(options), state: tuner.save() }),
  updatedMs,
})

export const entityRow = (
  { stream, entityId }: Place,
  state: EntityState,
  updatedMs: number,
): TunerState => ({
  stream,
  entityId,
  state: writeEntityState(state),
  updatedMs,
})

const policyOf = ({ policy = 'q-learning' }: TunerOptions) => policy
