import type { Pipeline } from '../pipeline.ts'
import { decodeSummary } from './edges/codec.ts'
import type { StepOrder } from './edges/step-order.ts'
import type { Learned } from './learned.ts'
import type { ShardWork } from './work.ts'

/** The partition of `adf.edges`: adds the requests and log records of all shards up to windows, and scores these as far as all shards have come. */
export const sumWork = (pipeline: Pipeline, order: StepOrder, learned: Learned): ShardWork => ({
  pipeline,
  sink: pipeline,
  learned,
  edges: (value, atMs) => order.take(decodeSummary(value), value.length, atMs),
  taking: () => {},
  taken: () => {},
  advance: () =>
    order.run({
      add: ({ services, at }) => pipeline.features.summed(services, at),
      advance: (nowMs) => pipeline.advance(nowMs),
    }),
  get reachedMs() {
    return order.reachedMs
  },
  settledMs: undefined,
  end: () => pipeline.features.close(),
})
