import { grown } from './slots.ts'

/** Slots that the mean looks back at, at most: ten minutes of slots of five seconds. */
const MEMORY = 128
/** Floors (rootcause/floors.ts) within which a slot may move the mean at once: trouble must not soon pass for normal. */
const BOUND = 3
/** What must be left of the distance that makes a finding, in floors and in standard errors, to be worth a closer look. */
const FLOORS = 1.5
const ERRORS = 2
/** Mean absolute deviation to standard deviation, of a normal distribution. */
const TO_DEVIATION = 1.2533
/** Slots before a baseline says anything. */
const WARM = 8
const FIELDS = 3

interface Floor {
  readonly relative: number
  readonly absolute: number
}

/**
 * What is usual for a number of owners (edges, operations, nodes), as far as it takes to tell those that cannot be odd:
 * a mean over the latest slots that outliers move little, and the mean absolute deviation from it. The judgement itself is
 * made from the slots (rootcause/deviation.ts); this spares it where the answer is known. 24 bytes an owner.
 */
export class Baselines {
  readonly #floor: Floor
  #stats = new Float64Array(64 * FIELDS)

  constructor(floor: Floor) {
    this.#floor = floor
  }

  /** The value of one more slot. NaN = nothing seen. */
  learn(owner: number, value: number): void {
    if (Number.isNaN(value)) return
    if ((owner + 1) * FIELDS > this.#stats.length) this.#stats = grown(this.#stats, (owner + 1) * FIELDS)
    const stats = this.#stats
    const at = owner * FIELDS
    const count = Math.min(MEMORY, stats[at]! + 1)
    const mean = stats[at + 1]!
    const bound = count === 1 ? Number.POSITIVE_INFINITY : BOUND * this.#width(mean) + BOUND * stats[at + 2]!
    const step = Math.max(-bound, Math.min(bound, value - mean))
    stats[at] = count
    stats[at + 1] = mean + step / count
    stats[at + 2] = stats[at + 2]! + (count === 1 ? 0 : (Math.abs(step) - stats[at + 2]!) / count)
  }

  /** Whether the mean of so many slots may be odd: further off than noise and floors explain, or nothing is known yet. */
  suspects(owner: number, value: number, slots: number): boolean {
    const at = owner * FIELDS
    const count = at < this.#stats.length ? this.#stats[at]! : 0
    if (count < WARM) return true
    const mean = this.#stats[at + 1]!
    const error = (TO_DEVIATION * this.#stats[at + 2]!) / Math.sqrt(slots)
    return Math.abs(value - mean) >= FLOORS * this.#width(mean) + ERRORS * error
  }

  forget(owner: number): void {
    if ((owner + 1) * FIELDS <= this.#stats.length) this.#stats.fill(0, owner * FIELDS, (owner + 1) * FIELDS)
  }

  #width(mean: number): number {
    return this.#floor.relative * Math.abs(mean) + this.#floor.absolute
  }
}
