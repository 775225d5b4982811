import type { Anomaly } from '@adf/contract'
import { type Component, type DatabasePlace, type Logger, recurring } from '@adf/service'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import type { FeatureExtractor } from '../feature/extractor.ts'
import { Losses } from '../feature/losses.ts'
import type { Together } from '../feature/reports.ts'
import { nodeOf } from '../incident/entity-node.ts'
import type { Outputs } from '../outputs.ts'
import { Pipeline, type PipelineDeps } from '../pipeline.ts'
import type { EventSink } from '../receiver/events/router.ts'
import { StreamClock } from '../receiver/kafka/stream-clock.ts'
import type { ScoringEngine } from '../scoring/engine.ts'
import type { Fence } from '../store/shard.ts'
import type { UnreadableRow } from '../store/sql/rows.ts'
import type { Store } from '../store/store.ts'
import type { TelemetrySink } from '../telemetry/batch.ts'
import type { Resource } from '../telemetry/resource.ts'
import { createLead } from './lead.ts'
import { MemberShards } from './member-shards.ts'
import { MemberShard } from './shard.ts'
import { beginTerm, type Duties } from './term.ts'

/** How often shards say how far they have come, and the reducer looks. */
const EVERY_MS = 1000

export interface MemberOptions {
  readonly config: Config
  readonly name: string
  readonly place: DatabasePlace
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
  /** Of the whole group, as the store had it a moment ago. */
  readonly openIncidents: () => number
  readonly entities: () => ReturnType<FeatureExtractor['entities']>
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
  const together: Together = {
    losses: new Losses(registry),
    budget: { used: 0, limit: config.edge.max_series },
    entities: () => [...shards].reduce((sum, { pipeline }) => sum + pipeline.features.size, 0),
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
  const pipeline = new Pipeline({ ...common, clock: wall, scoring, outputs: { ...quiet, failed } })
  const shares = { graph: pipeline.graph, logMining: pipeline.logMining }

  const make = (fence: Fence, clock: StreamClock): MemberShard => {
    const shard: MemberShard = new MemberShard({
      fence,
      clock,
      stepMs: config.edge.step,
      within: shards.within,
      log,
      pipeline: new Pipeline({
        ...common,
        shares,
        clock: clock.now,
        anomalyId,
        scoring: {
          score: (vector) => scoring.score(vector, fence),
          loads: (vector) => scoring.loads(vector, fence),
        },
        outputs: {
          // Its incidents only say what is not to be learned from now: people are told of those of the reducer.
          ...quiet,
          failed,
          anomaly(anomaly, arrivalMs, first) {
            const found = { fence, stepMs: shard.steppedMs, first }
            options.outputs().anomaly({ ...anomaly, incident_id: null }, arrivalMs, first, found)
          },
        },
      }),
    })
    return shard
  }
  const shards: MemberShards = new MemberShards({
    member: options.name,
    store: store.shards,
    make,
    makeClock: () => new StreamClock(wall, config.kafka.max_delay),
    leave: (fence) => scoring.leave(fence),
    stored: () => options.outputs().settled(),
    wall,
  })
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
      spans: () => {},
      metrics: (batch, arrivalMs) => shards.current?.pipeline.metrics(batch, arrivalMs),
      logs: () => {},
    },
    events: {
      streams: pipeline.features.streams,
      event: (...args) => shards.current?.pipeline.features.event(...args) ?? NOT_HERE,
    },
    openIncidents: () => openIncidents,
    entities: () => [...shards].flatMap((shard) => shard.pipeline.features.entities()),
    components: [telling, lead],
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
