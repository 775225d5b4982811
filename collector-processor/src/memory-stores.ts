import type { Entity } from '@adf/contract'
import type { FeatureExtractor } from './feature/extractor.ts'
import type { EntityStore, Store } from './memory/guard.ts'
import type { Pipeline } from './pipeline.ts'
import type { Receiver } from './receiver/receiver.ts'
import type { ScoringEngine } from './scoring/engine.ts'

/** Part of the memory limit that requests in flight may take, and of that once memory is short. */
const IN_FLIGHT = 1 / 8
const IN_FLIGHT_SHORT = 1 / 4

/** Bytes of requests in flight: as configured, no more than an eighth of the memory limit. */
export const roomInFlight = (configured: number, limit: number | undefined): number =>
  limit === undefined ? configured : Math.min(configured, Math.floor(limit * IN_FLIGHT))

/** What of the processor takes memory and can do without, in the order of docs/operations.md. */
export function memoryStores(parts: {
  readonly pipeline: Pipeline
  /** That entities are known to now: of members one for each shard. */
  readonly extractors: () => readonly FeatureExtractor[]
  readonly scoring: ScoringEngine
  readonly receiver: Pick<Receiver, 'resources' | 'admission'>
  /** Of the graphs that are stored. */
  readonly history: Store
  readonly maxInFlight: number
}): { exemplars: Store[]; history: Store[]; entities: EntityStore[] } {
  const { pipeline, extractors, scoring, receiver, history, maxInFlight } = parts
  const { graph, logMining } = pipeline
  const { room } = pipeline.features
  const { admission, resources } = receiver
  // Nothing is lost by it: senders are told to come again.
  const requests: Store = {
    dropped: 0,
    shed(on) {
      admission.limit = on ? Math.floor(maxInFlight * IN_FLIGHT_SHORT) : maxInFlight
    },
  }
  const names: EntityStore = {
    get dropped() {
      return resources.refused
    },
    shed(on) {
      resources.closed = on
    },
    giveUpNewest: () => {},
  }
  const entities: EntityStore = {
    get dropped() {
      return room.dropped
    },
    shed: (on) => room.shed(on),
    giveUpNewest(part, of) {
      const may = ({ id }: Entity) => of === 'all' || !scoring.judges(id)
      for (const features of extractors())
        for (const { id } of features.giveUpNewest(part, may)) scoring.forget(id)
    },
  }
  return {
    exemplars: [graph.tallies.exemplars, logMining.examples, requests],
    history: [graph.tallies.history, logMining.history, history],
    entities: [names, entities],
  }
}
