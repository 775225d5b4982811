import type { Pipeline } from '../pipeline.ts'
import type { ShardWork } from './work.ts'

/** A partition of metrics or events: all that it says is of entities that are in no other. */
export const vectorWork = (pipeline: Pipeline): ShardWork => ({
  pipeline,
  sink: pipeline,
  learned: undefined,
  edges: () => {},
  taking: () => {},
  taken: () => {},
  advance: (nowMs) => pipeline.advance(nowMs),
  reachedMs: undefined,
  settledMs: undefined,
  end: () => pipeline.features.close(),
})
