import type { DeliveryStatus, KafkaStatus, SiteStatus, Status } from '@adf/contract'
import type { ApiPorts } from '../api/ports.ts'
import type { Config } from '../config.ts'
import type { AlertmanagerDelivery } from '../deliver/alertmanager.ts'
import type { Forwarders } from '../deliver/forward.ts'
import type { PublisherStatus } from '../deliver/kafka/publisher.ts'
import type { Pipeline } from '../pipeline.ts'
import type { KafkaStanding } from '../receiver/kafka/receiver.ts'
import type { Receiver } from '../receiver/receiver.ts'
import type { ScoringEngine } from '../scoring/engine.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../telemetry/clock.ts'

/** What stands somehow. */
export interface StatusDeps {
  readonly config: Config
  readonly clock: Clock
  readonly store: Pick<Store, 'fault'>
  readonly pipeline: Pipeline
  readonly scoring: ScoringEngine
  readonly receiver: Receiver
  readonly forwarders: Forwarders
  /** undefined: another process sends alerts. */
  readonly alertmanager: () => Pick<AlertmanagerDelivery, 'statuses'> | undefined
  /** Incidents that are open. */
  readonly openIncidents: () => number
  readonly events: { readonly count: number; readonly lastMs: number | undefined }
  readonly ready: () => boolean
  /** null: no part in federated training. */
  readonly federation: () => SiteStatus | null
  /** undefined: none is configured. */
  readonly kafka: () => KafkaStanding | undefined
  readonly published: () => readonly PublisherStatus[]
}

/** How the processor stands, for people. */
export function statusOf({
  clock,
  config,
  store,
  pipeline,
  scoring,
  receiver,
  forwarders,
  alertmanager,
  events,
  ready,
  federation,
  kafka,
  published,
  openIncidents,
}: StatusDeps): ReturnType<ApiPorts['status']> {
  const { graph, features } = pipeline
  const { total, ready: scored } = scoring.counts()
  const { traces, metrics, logs } = receiver.received
  return {
    ready: ready(),
    telemetry: {
      spans: received(traces),
      metrics: received(metrics),
      logs: received(logs),
      events: received(events),
    },
    streams: features.streams.map(({ name }) => name),
    detectors: [...config.edge.detection.detectors],
    entities: { total, scored, warming_up: total - scored },
    graph: { nodes: graph.tallies.nodes.size, edges: graph.tallies.edges.size },
    incidents: { open: openIncidents() },
    store: { writable: store.fault() === undefined, last_error: store.fault() ?? null },
    deliveries: [
      ...(alertmanager()?.statuses() ?? []),
      ...forwarders.statuses().map((one) => delivery(`forward/${one.name}`, one)),
      ...published().map((one) => delivery(`kafka/${one.topic}`, one)),
    ],
    federation: federation(),
    kafka: kafkaStatus(kafka()),
  }

  function received({
    count,
    lastMs,
  }: {
    count: number
    lastMs: number | undefined
  }): Status['telemetry']['spans'] {
    return { count, last_at: lastMs === undefined ? null : new Date(Math.min(lastMs, clock())).toISOString() }
  }
}

function delivery(
  name: string,
  attempts: Pick<PublisherStatus, 'reachable' | 'lastSuccessMs' | 'lastError'>,
): DeliveryStatus {
  const { reachable, lastSuccessMs, lastError } = attempts
  return {
    name,
    reachable: reachable ?? null,
    last_success_at: lastSuccessMs === undefined ? null : new Date(lastSuccessMs).toISOString(),
    last_error: lastError ?? null,
  }
}

function kafkaStatus(standing: KafkaStanding | undefined): KafkaStatus | null {
  if (standing === undefined) return null
  return {
    group: standing.group,
    connected: standing.connected,
    last_error: standing.lastError ?? null,
    missing_topics: [...standing.missingTopics],
    partitions: standing.partitions,
    lag: standing.lag,
    delay_seconds: standing.delayMs / 1000,
    dead_letters_waiting: standing.deadLettersWaiting,
  }
}
