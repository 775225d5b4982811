import type { EntityStream } from '@adf/contract'

/** Vectors with a new feature that a detector has learned before it judges by it. */
const JUDGED = 100
/** Part of the whole that is done once services are scored, where logs are waited for. */
const SCORED = 0.4

/** How far ADF has got with learning what is normal of the services; 1 = it would see a fault. */
export class Learning {
  readonly #logs: boolean
  /** Vectors that an entity had learned when its log novelty began. */
  readonly #began = new Map<string, number>()

  /** @param logs log novelty must be judged too, which has no value until its first thirty windows are over */
  constructor(logs: boolean) {
    this.#logs = logs
  }

  share(entity: string, { state, learned, warm_up, features }: EntityStream): number {
    const scored = state === 'scored' ? 1 : Math.min(0.999, learned / warm_up)
    if (!this.#logs) return scored
    const novelty = features.find(({ name }) => name === 'log_novelty')?.value ?? null
    if (novelty !== null && !this.#began.has(entity)) this.#began.set(entity, learned)
    const since = learned - (this.#began.get(entity) ?? learned)
    return SCORED * scored + (1 - SCORED) * Math.min(1, since / JUDGED)
  }
}
