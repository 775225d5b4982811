import type { Action, Json } from '../../policy.ts'
import { numbersOf } from '../entity-states.ts'
import { ACTIONS, MOVES, type Move, STATES } from './state.ts'

/** What an action is expected to be worth before anything is learned, in false alerts a day: with a sure pull, little with a weak one. */
const START = { strong: 0.2, weak: 0.05, against: -0.2 }

/**
 * Values of twelve states by three actions, learned by Q-learning: Q(s,a) += rate · (r + γ max Q(s′,·) − Q(s,a)).
 *
 * Rewards are told beside not moving, so that staying is worth 0 by definition. Learned, it would be worth what a move once promised, and hold
 * thresholds back long after the move's own value had come down to what it brings.
 *
 * Source: C. J. C. H. Watkins, P. Dayan: Q-learning (1992).
 */
export class QTable {
  readonly #values: Float64Array
  readonly #visits: Float64Array

  constructor(values?: Float64Array, visits?: Float64Array) {
    this.#values =
      values ?? Float64Array.from(STATES.flatMap((state) => ACTIONS.map((action) => start(state, action))))
    this.#visits = visits ?? new Float64Array(STATES.length * ACTIONS.length)
  }

  value = (state: number, action: Action): number =>
    action === 'none' ? 0 : this.#values[place(state, action)]!

  /** The first of the best, in the order none, up, down. */
  best(state: number): Action {
    let best: Action = 'none'
    for (const action of MOVES) if (this.value(state, action) > this.value(state, best)) best = action
    return best
  }

  update(state: number, action: Move, reward: number, next: number, rate: number, gamma: number): void {
    const at = place(state, action)
    const ahead = reward + gamma * this.value(next, this.best(next))
    this.#values[at]! += rate * (ahead - this.#values[at]!)
    this.#visits[at]!++
  }

  copy = (): QTable => new QTable(this.#values.slice(), this.#visits.slice())

  save(): Json {
    return { values: [...this.#values], visits: [...this.#visits] }
  }

  /** The table that was saved, or undefined for what is none. */
  static read(saved: Json | undefined): QTable | undefined {
    if (saved === null || typeof saved !== 'object' || Array.isArray(saved)) return undefined
    const { values, visits } = { ...saved } as Readonly<Record<string, Json | undefined>>
    const [own, seen] = [numbersOf(values), numbersOf(visits)]
    const length = STATES.length * ACTIONS.length
    if (own?.length !== length || seen?.length !== length) return undefined
    return new QTable(Float64Array.from(own), Float64Array.from(seen))
  }
}

const place = (state: number, action: Action): number => state * ACTIONS.length + ACTIONS.indexOf(action)

function start(state: string, action: Action): number {
  const [pull, strength] = state.split('/')
  if (action === 'none') return 0
  if (action !== pull) return START.against
  return strength === 'strong' ? START.strong : START.weak
}
