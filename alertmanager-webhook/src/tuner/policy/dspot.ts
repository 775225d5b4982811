import { BOUNDS, type BoundOptions, boundsOf, within } from '../bounds.ts'
import type { Entity } from '../entity.ts'
import type { Peak } from '../episode.ts'
import type { Json, Proposal, Situation, ThresholdPolicy } from '../policy.ts'
import { checkNumber } from '../tuner-error.ts'
import { EntityStates, numbersOf } from './entity-states.ts'
import { checkSituation, directionOf } from './situation.ts'
import { checkSpot, extend, NO_TAIL, SPOT, type SpotOptions, type Tail } from './tail.ts'
import { readTail } from './tail-state.ts'

export interface DspotOptions extends SpotOptions {
  /** Values that the moving average is of. */
  readonly depth: number
}

/** As its authors publish it (d = 450). */
export const DSPOT: DspotOptions = { ...SPOT, depth: 450 }

type Drifting = { readonly recent: readonly number[]; readonly sum: number; readonly tail: Tail }
const NOTHING: Drifting = { recent: [], sum: 0, tail: NO_TAIL }

/**
 * DSPOT: SPOT on what is left of a value when the average of the latest normal ones is taken away, so that the threshold drifts with the level.
 * What keeps SPOT from learning verdicts holds for it too.
 *
 * Source: A. Siffer et al.: Anomaly detection in streams with extreme value theory (KDD 2017), algorithm 3.
 */
export class DspotPolicy implements ThresholdPolicy {
  readonly name = 'dspot'
  readonly #options: DspotOptions
  readonly #bounds: BoundOptions
  readonly #states = new EntityStates<Drifting>(() => NOTHING)

  /** @throws TunerError */
  constructor(options: DspotOptions = DSPOT, bounds: BoundOptions = BOUNDS, saved?: Json) {
    checkSpot(options)
    checkNumber('depth of the moving average', options.depth, 1, 100_000)
    this.#options = options
    this.#bounds = bounds
    if (saved !== undefined) this.#states.load(saved, read)
  }

  observe(entity: Entity, peaks: readonly Peak[]): void {
    this.#states.observe(entity, peaks, (state, severities) =>
      severities.reduce((before, severity) => take(before, severity, this.#options), state),
    )
  }

  propose(situation: Situation): Proposal {
    checkSituation(situation)
    const { history, threshold: from } = situation
    const state = this.#states.get(history.entity)
    const z = state?.tail.z ?? null
    const wanted = state === undefined || z === null ? history.initial : z + state.sum / state.recent.length
    const threshold = within(wanted, boundsOf(history.initial, this.#bounds))
    return { threshold, action: directionOf(from, threshold), state: '' }
  }

  save(): Json {
    return this.#states.save()
  }
}

function take(state: Drifting, severity: number, options: DspotOptions): Drifting {
  const { recent, sum, tail } = state
  if (recent.length < options.depth) return { ...state, recent: [...recent, severity], sum: sum + severity }
  const off = severity - sum / recent.length
  const next = extend(tail, off, options)
  if (tail.z !== null && off > tail.z) return { ...state, tail: next }
  return { recent: [...recent.slice(1), severity], sum: sum + severity - recent[0]!, tail: next }
}

function read(saved: Json): Drifting | undefined {
  if (saved === null || typeof saved !== 'object' || Array.isArray(saved)) return undefined
  const { recent, sum, tail } = { ...saved } as Readonly<Record<string, Json | undefined>>
  const values = numbersOf(recent)
  const own = readTail(tail)
  if (values === undefined || own === undefined || typeof sum !== 'number') return undefined
  return { recent: values, sum, tail: own }
}
