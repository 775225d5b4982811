import { ModelError } from '@adf/detectors'
import { Fenced } from '../../store/shard.ts'
import type { ScoringMetrics } from '../metrics.ts'
import type { DetectorStateStore, Homes } from '../ports.ts'
import type { StreamModels } from '../stream-models.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { Entities } from './entities.ts'
import type { EntityState } from './entity-state.ts'

export interface LoaderParts {
  readonly states: DetectorStateStore
  /** Of shards; left out: there are none. */
  readonly homes: Homes | undefined
  readonly entities: Entities
  readonly elsewhere: Elsewhere
  readonly metrics: Pick<ScoringMetrics, 'stateFailures' | 'statesRefused'>
  /** What the states of a stream are made with, once its saved weights are there. */
  readonly models: (state: EntityState) => Promise<StreamModels>
  /** What was saved is back in its state. */
  readonly restored: (state: EntityState) => void
  /** ms since the Unix epoch */
  readonly clock: () => number
  readonly staleAfterMs: number
  readonly warn: (message: string, error: unknown) => void
}

/** Brings back what was saved of entities, and finds out whether they are at home in the shard that their telemetry came in. */
export class StateLoader {
  readonly #parts: LoaderParts
  readonly #loading = new Map<EntityState, Promise<boolean>>()

  constructor(parts: LoaderParts) {
    this.#parts = parts
  }

  /** Whether it is being read. */
  has(state: EntityState): boolean {
    return this.#loading.has(state)
  }

  begin(state: EntityState): void {
    this.#loading.set(
      state,
      this.#load(state).finally(() => this.#loading.delete(state)),
    )
  }

  /** Whether something was brought back; undefined when it is not being read. */
  result(state: EntityState): Promise<boolean> | undefined {
    return this.#loading.get(state)
  }

  /** Resolves when none is being read any more of those that are now. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#loading.values())
  }

  async #load(state: EntityState): Promise<boolean> {
    const { states, entities, metrics, warn } = this.#parts
    const { stream, entity } = state
    const models = await this.#parts.models(state)
    if (!(await this.#settle(state))) return false
    let bytes: Uint8Array | undefined
    try {
      bytes = await states.load(stream.name, entity.id)
    } catch (error) {
      metrics.stateFailures.inc({ operation: 'load' })
      if (state.fence !== undefined) {
        // What is there must not be replaced by what is learned anew: the next vector asks again.
        warn(`state of ${stream.name} ${entity.id} could not be read yet`, error)
        entities.delete(state)
        return false
      }
      warn(`state of ${stream.name} ${entity.id} could not be read; it is learned anew`, error)
    }
    if (bytes === undefined) return false
    try {
      state.restore(bytes, models.learner)
      this.#parts.restored(state)
      return true
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      metrics.statesRefused.inc({ reason: error.code })
      warn(`state of ${stream.name} ${entity.id} was refused; it is learned anew`, error)
      return false
    }
  }

  /** False: its entity is at home elsewhere, or it cannot be known now, and the state is given up. */
  async #settle(state: EntityState): Promise<boolean> {
    const { homes, entities, elsewhere, metrics, warn } = this.#parts
    const { stream, entity, fence } = state
    if (fence === undefined || homes === undefined) return true
    const nowMs = this.#parts.clock()
    const silentSinceMs = nowMs - this.#parts.staleAfterMs
    try {
      const home = await homes.settle({
        stream: stream.name,
        entityId: entity.id,
        fence,
        nowMs,
        silentSinceMs,
      })
      if (home) return true
      if (elsewhere.add(stream.name, entity.id, fence, nowMs))
        warn(
          `${stream.name} ${entity.id} is scored in another shard, and not in ${fence.shard}; key its topic so that its telemetry is in one partition`,
          undefined,
        )
    } catch (error) {
      // Of a shard that was lost all is forgotten soon; where the store was away, the next vector asks again.
      metrics.stateFailures.inc({ operation: 'load' })
      if (!(error instanceof Fenced)) warn(`the home of ${stream.name} ${entity.id} is not known yet`, error)
    }
    entities.delete(state)
    return false
  }
}
