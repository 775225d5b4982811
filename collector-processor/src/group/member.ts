import type { Anomaly } from '@adf/contract'
import { type Component, type DatabasePlace, type Logger, recurring } from '@adf/service'
import type { BaseOptions } from '@platformatic/kafka'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import type { FeatureExtractor } from '../feature/extractor.ts'
import { Losses } from '../feature/losses.ts'
import type { Together } from '../feature/reports.ts'
import { Room } from '../feature/room.ts'
import { nodeOf } from '../incident/entity-node.ts'
import { LogReader } from '../logs/summary/log-reader.ts'
import { retellMs } from '../logs/summary/log-share.ts'
import type { Outputs } from '../outputs.ts'
import { Pipeline, type PipelineDeps } from '../pipeline.ts'
import type { EventSink } from '../receiver/events/router.ts'
import type { ShardPlace } from '../receiver/kafka/shard.ts'
import { StreamClock } from '../receiver/kafka/stream-clock.ts'
import type { ScoringEngine } from '../scoring/engine.ts'
import type { Fence } from '../store/shard.ts'
import type { UnreadableRow } from '../store/sql/rows.ts'
import type { Store } from '../store/store.ts'
import type { TelemetrySink } from '../telemetry/batch.ts'
import type { Resource } from '../telemetry/resource.ts'
import { BadSummary } from './edges/codec.ts'
import { createEdges, type Edges } from './edges/edges.ts'
import { createLead } from './lead.ts'
import { MemberShards } from './member-shards.ts'
import { MemberShard } from './shard.ts'
import { ShardKeeper } from './shard-keeper.ts'
import { beginTerm, type Duties } from './term.ts'
import { Works } from './works.ts'

/** How often shards say how far they have come, and the reducer looks. */
const EVERY_MS = 1000

export interface MemberOptions {
  readonly config: Config
  readonly name: string
  readonly place: DatabasePlace
  /** To the brokers. */
  readonly connection: BaseOptions
  readonly store: Store
  readonly scoring: ScoringEngine
  readonly anomalyId: NonNullable<PipelineDeps['anomalyId']>
  readonly newId: () => string
  readonly rng: () => number
  readonly registry: Registry
  readonly log: Logger
  readonly wall: () => number
  readonly unreadable: (row: UnreadableRow) => void
  readonly outputs: () => Outputs
  readonly duties: (store: Store) => Duties
}

/** A process that shares the work with others: it has the shards of its partitions, and may be the reducer. */
export interface Member {
  readonly shards: MemberShards
  /** Without telemetry: what the API asks, and whose graph the shards and the reducer use. */
  readonly pipeline: Pipeline
  /** Of what comes now: that of the shard that it is of. */
  readonly time: () => number
  readonly sink: TelemetrySink
  readonly events: EventSink
  /** Takes a summary of spans, or says in words why it is none. */
  readonly takeEdges: (value: Buffer, atMs: number) => string | undefined
  /** All that was told is in its topic, and what shards learned beside detectors in the store; rejects when it is not. */
  readonly saved: () => Promise<void>
  /** Why spans and logs cannot be worked on now. */
  readonly fault: () => string | undefined
  /** Why nothing more may be taken now: what is told of it finds no room. */
  readonly full: () => string | undefined
  /** Of the whole group, as the store had it a moment ago. */
  readonly openIncidents: () => number
  readonly entities: () => ReturnType<FeatureExtractor['entities']>
  /** Of the shards that there are now. */
  readonly extractors: () => readonly FeatureExtractor[]
  /** To be started before the receiver. */
  readonly edges: readonly Component[]
  /** To be run beside the receiver. */
  readonly components: readonly Component[]
}

const NOT_HERE = {
  accepted: false,
  reason: 'not_here',
  message: 'this processor shares the work with others: send events to their topic (docs/kafka.md)',
} as const

export function createMember(options: MemberOptions): Member {
  const { config, scoring, store, registry, wall, log, rng, newId, anomalyId } = options
  const extractors = () =>
    [...shards].flatMap(({ work }) => (work.pipeline === undefined ? [] : [work.pipeline.features]))
  const together: Together = {
    losses: new Losses(registry),
    room: new Room(config.edge.max_series),
    entities: () => extractors().reduce((sum, { size }) => sum + size, 0),
  }
  const quiet = {
    anomaly: () => {},
    joined: () => {},
    happened: () => {},
    incident: () => {},
    left: () => {},
  }
  const failed = (error: unknown) => options.outputs().failed(error)
  const common = { config, rng, newId, registry, together }
  const logs = new LogReader(config.logs, config.graph, registry)
  const pipeline = new Pipeline({ ...common, clock: wall, scoring, outputs: { ...quiet, failed }, logs })
  const shares = { graph: pipeline.graph, logMining: pipeline.logMining }

  const { topics } = config.kafka
  const edges: Edges | undefined =
    topics.spans === '' && topics.logs === ''
      ? undefined
      : createEdges({
          topic: topics.edges,
          connection: options.connection,
          groupId: config.kafka.group_id,
          graph: pipeline.graph,
          logs,
          stepMs: config.edge.step,
          // From then on each template that evidence may be of was told.
          historyMs: config.graph.history + retellMs(config.graph),
          maxBehindMs: config.kafka.max_delay,
          maxBytes: config.kafka.max_buffered,
          registry,
          log,
          wall,
        })
  const works = new Works({
    ...{ config, registry, together, scoring, logs, edges, anomalyId, newId, rng },
    graph: pipeline.graph,
    state: store.shardState,
    unreadable: options.unreadable,
    outputs: options.outputs,
  })
  const make = async ({ topic }: ShardPlace, fence: Fence, clock: StreamClock): Promise<MemberShard> => {
    const work = await works.begin({ topic, fence, clock, shard: () => shard })
    const shard: MemberShard = new MemberShard({
      fence,
      clock,
      work,
      stepMs: config.edge.step,
      within: shards.within,
      log,
    })
    return shard
  }
  const shards: MemberShards = new MemberShards({
    member: options.name,
    store: store.shards,
    make,
    makeClock: () => new StreamClock(wall, config.kafka.max_delay),
    async leave(shard) {
      // What is not saved is read again, by whoever has the shard next.
      await keeper.save(shard).catch(failed)
      await scoring.leave(shard.fence)
    },
    stored: () => options.outputs().settled(),
    wall,
  })
  const keeper = new ShardKeeper(store.shardState)
  let openIncidents = 0
  const telling = recurring({
    name: 'shards',
    everyMs: EVERY_MS,
    async work() {
      await shards.tell()
      openIncidents = (await store.incidents.counts()).open
    },
    // The store says itself why it takes nothing; what is not told holds incidents back.
    failed: () => {},
  })
  const lead = createLead({
    registry,
    log,
    everyMs: EVERY_MS,
    begin: () =>
      beginTerm({
        place: options.place,
        registry,
        log,
        unreadable: options.unreadable,
        duties: options.duties,
        stepMs: config.edge.step,
        maxDelayMs: config.kafka.max_delay,
        graphReachedMs: () => edges?.reachedMs,
        wall,
        seen: (anomaly, nowMs) => seePlacement(pipeline, anomaly, nowMs),
        tracker: (clock, outcome) =>
          new Pipeline({
            ...common,
            shares,
            clock,
            scoring,
            outputs: {
              ...quiet,
              failed,
              incident: (incident, change) => outcome({ kind: 'incident', incident, change }),
              joined: (incidentId, anomalyIds) => outcome({ kind: 'joined', incidentId, anomalyIds }),
              happened: (incidentId, { atMs, kind, subject, text }) =>
                outcome({
                  kind: 'happened',
                  incidentId,
                  entry: {
                    at: new Date(atMs).toISOString(),
                    kind,
                    subject: subject === '' ? null : subject,
                    text,
                  },
                }),
              left: (reason) => options.outputs().left(reason),
            },
          }).incidents,
      }),
  })
  return {
    shards,
    pipeline,
    time: () => (shards.current?.clock.now ?? wall)(),
    sink: {
      spans: (batch, arrivalMs) => shards.current?.work.sink.spans(batch, arrivalMs),
      metrics: (batch, arrivalMs) => shards.current?.work.sink.metrics(batch, arrivalMs),
      logs: (batch, arrivalMs) => shards.current?.work.sink.logs(batch, arrivalMs),
    },
    events: {
      streams: pipeline.features.streams,
      event: (...args) => shards.current?.work.pipeline?.features.event(...args) ?? NOT_HERE,
    },
    takeEdges(value, atMs) {
      try {
        shards.current?.work.edges(value, atMs)
        return undefined
      } catch (error) {
        if (error instanceof BadSummary) return error.message
        throw error
      }
    },
    async saved() {
      await edges?.arrived()
      for (const shard of [...shards]) await keeper.save(shard)
    },
    fault: () => edges?.fault(),
    full: () => edges?.full(),
    openIncidents: () => openIncidents,
    entities: () => extractors().flatMap((features) => features.entities()),
    extractors,
    components: [telling, lead],
    edges: edges?.components ?? [],
  }
}

/** Where a service runs, as its anomaly tells: its telemetry may be in shards of others. */
function seePlacement({ graph }: Pipeline, { entity }: Anomaly, nowMs: number): void {
  const service = nodeOf(entity)
  if (service === undefined || entity.kind !== 'service' || entity.host === undefined) return
  const { service: name, namespace, instance, host } = entity
  const told = {
    'service.name': name,
    'service.namespace': namespace,
    'service.instance.id': instance,
    'host.name': host,
  }
  const attributes = new Map<string, string>()
  for (const [key, value] of Object.entries(told)) if (value !== undefined) attributes.set(key, value)
  const resource: Resource = { index: 0, serviceEntity: entity, hostEntity: undefined, service, attributes }
  graph.resources([resource], nowMs)
}
