import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import type { Together } from '../feature/reports.ts'
import { ServiceShare } from '../feature/summary/service-share.ts'
import { SpanShare } from '../graph/summary/span-share.ts'
import type { LogReader } from '../logs/summary/log-reader.ts'
import { LogShare } from '../logs/summary/log-share.ts'
import type { Outputs } from '../outputs.ts'
import { Pipeline, type PipelineDeps } from '../pipeline.ts'
import type { StreamClock } from '../receiver/kafka/stream-clock.ts'
import type { ScoringEngine } from '../scoring/engine.ts'
import type { Fence, ShardStateStore } from '../store/shard.ts'
import type { UnreadableRow } from '../store/sql/rows.ts'
import type { Edges } from './edges/edges.ts'
import { SavedNovelty } from './saved-novelty.ts'
import type { MemberShard } from './shard.ts'
import { shareWork } from './share-work.ts'
import { sumWork } from './sum-work.ts'
import { vectorWork } from './vector-work.ts'
import type { ShardWork } from './work.ts'

export interface WorksParts {
  readonly config: Config
  readonly registry: Registry
  readonly together: Together
  readonly scoring: Pick<ScoringEngine, 'score' | 'loads'>
  /** Of the whole group. */
  readonly graph: Pipeline['graph']
  readonly logs: LogReader
  /** Undefined: neither spans nor logs are read. */
  readonly edges: Edges | undefined
  readonly state: Pick<ShardStateStore, 'load'>
  readonly anomalyId: NonNullable<PipelineDeps['anomalyId']>
  readonly newId: () => string
  readonly rng: () => number
  readonly unreadable: (row: UnreadableRow) => void
  readonly outputs: () => Outputs
}

/** A shard that begins. */
export interface Beginning {
  readonly topic: string
  readonly fence: Fence
  readonly clock: StreamClock
  /** There once it has its work. */
  readonly shard: () => MemberShard
}

const QUIET = {
  joined: () => {},
  happened: () => {},
  incident: () => {},
  left: () => {},
}

/** What the shards of a process do with what their partitions bring, by topic. */
export class Works {
  readonly #parts: WorksParts

  constructor(parts: WorksParts) {
    this.#parts = parts
  }

  /** Rejects while it cannot be known what former owners of the shard did. */
  async begin(beginning: Beginning): Promise<ShardWork> {
    const { config, edges } = this.#parts
    const { topics } = config.kafka
    const { topic } = beginning
    if (edges !== undefined && topic === topics.edges) return this.#sum(beginning, edges)
    if (edges !== undefined && [topics.spans, topics.metrics, topics.logs].includes(topic))
      return this.#share(beginning, edges)
    return vectorWork(this.#scoring(beginning, beginning.clock.now))
  }

  async #share(beginning: Beginning, edges: Edges): Promise<ShardWork> {
    const { config, graph, together, state } = this.#parts
    const { topics } = config.kafka
    const { topic, fence, clock, shard } = beginning
    const mines = topics.logs !== '' && topic !== topics.metrics
    const learned = mines ? await state.load(fence) : new Map<string, Uint8Array>()
    const before = await edges.begin(fence)
    const services = new ServiceShare({
      stepMs: config.edge.step,
      windowMs: config.edge.window,
      maxLatenessMs: config.edge.max_lateness,
      maxSkewMs: config.receiver.max_clock_skew,
      maxEntities: config.edge.max_entities,
      losses: together.losses,
    })
    return shareWork({
      ...{ fence, before, services, edges },
      spans: new SpanShare(config.graph, graph),
      logs: mines ? this.#logs(learned) : undefined,
      pipeline:
        topic === topics.metrics
          ? this.#scoring(beginning, clock.now, { handOn: (collected) => services.collected(collected) })
          : undefined,
      lost: () => shard().lost,
    })
  }

  #logs(learned: ReadonlyMap<string, Uint8Array>): LogShare {
    const { config, logs } = this.#parts
    const share = new LogShare(config.logs, config.graph, logs.parts)
    for (const [service, bytes] of learned) this.#reading(service, () => share.restore(service, bytes))
    return share
  }

  async #sum(beginning: Beginning, edges: Edges): Promise<ShardWork> {
    const { config, state } = this.#parts
    const { fence, clock } = beginning
    const saved = await state.load(fence)
    const order = edges.order()
    const time = () => (Number.isFinite(order.reachedMs) ? order.reachedMs : clock.now())
    const novelty: SavedNovelty = new SavedNovelty({
      saved,
      clock: time,
      staleMs: config.edge.stale_after,
      novelty: (id) => pipeline.features.novelty(id),
      changed: () => pipeline.features.unsavedNovelty(),
      unreadable: (id, error) => this.#unreadable(id, error),
    })
    const pipeline: Pipeline = this.#scoring(beginning, time, { goOn: (...args) => novelty.goOn(...args) })
    return sumWork(pipeline, order, novelty)
  }

  #scoring(
    { fence, shard }: Beginning,
    clock: () => number,
    more: Pick<PipelineDeps, 'handOn' | 'goOn'> = {},
  ): Pipeline {
    const { config, registry, together, scoring, graph, logs, anomalyId, newId, rng, outputs } = this.#parts
    return new Pipeline({
      ...{ config, registry, together, clock, anomalyId, newId, rng },
      shares: { graph, logMining: logs },
      ...more,
      scoring: {
        score: (vector) => scoring.score(vector, fence),
        loads: (vector) => scoring.loads(vector, fence),
      },
      outputs: {
        // Its incidents only say what is not to be learned from now: people are told of those of the reducer.
        ...QUIET,
        failed: (error) => outputs().failed(error),
        anomaly(anomaly, arrivalMs, first) {
          const found = { fence, stepMs: shard().steppedMs, first }
          outputs().anomaly({ ...anomaly, incident_id: null }, arrivalMs, first, found)
        },
      },
    })
  }

  #reading(key: string, read: () => void): void {
    try {
      read()
    } catch (error) {
      this.#unreadable(key, error)
    }
  }

  #unreadable(id: string, error: unknown): void {
    this.#parts.unreadable({ table: 'shard_state', id, error })
  }
}
