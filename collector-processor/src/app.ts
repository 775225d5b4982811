import { totalmem } from 'node:os'
import type { Component, Logger } from '@adf/service'
import {
  closing,
  createEventLoopMonitor,
  createRegistry,
  createTelemetry,
  databaseMetrics,
  Lifecycle,
  placeOf,
  ReadinessSwitch,
  readKeys,
  StartFault,
  TokenAuthority,
} from '@adf/service'
import type { Registry } from 'prom-client'
import { v7 as uuidv7 } from 'uuid'
import { anomalyIdOf } from './anomaly-id.ts'
import { createAnswers } from './answers/answers.ts'
import { scoredSlices } from './answers/scored-graph.ts'
import { type Api, createApi } from './api/api.ts'
import { type Config, DEFAULT_PATH } from './config.ts'
import { createAlertmanagerDelivery } from './deliver/alertmanager.ts'
import { createForwarders } from './deliver/forward.ts'
import { readClientTls } from './deliver/forward-tls.ts'
import { publicationsOf } from './deliver/kafka/publications.ts'
import { createPublisher } from './deliver/kafka/publisher.ts'
import { scoringOptions, sloOptions } from './engine-options.ts'
import { createFederation } from './federation/federation.ts'
import { registerServiceGraphMetrics } from './graph/metrics.ts'
import { GraphHistory } from './graph-history.ts'
import { showLeading } from './group/lead.ts'
import { createMember, type Member } from './group/member.ts'
import type { Duties } from './group/term.ts'
import { connectionOptions } from './kafka/connection.ts'
import { createKafkaReceiver } from './kafka-receiver.ts'
import { createGarbage } from './memory/garbage.ts'
import { createMemoryGuard } from './memory/guard.ts'
import { memoryLimit } from './memory/limit.ts'
import { readMemory } from './memory/reading.ts'
import { memoryStores, roomInFlight } from './memory-stores.ts'
import { createOutputs, type Outputs } from './outputs.ts'
import { Pipeline } from './pipeline.ts'
import { createEventsRouter } from './receiver/events/router.ts'
import type { KafkaReceiver } from './receiver/kafka/receiver.ts'
import { oneShard } from './receiver/kafka/shard.ts'
import { StreamClock } from './receiver/kafka/stream-clock.ts'
import { createReceiver, type Receiver } from './receiver/receiver.ts'
import { restoreIncidents } from './restore-incidents.ts'
import { ScoringEngine } from './scoring/engine.ts'
import { isBurnAlert } from './slo/burn-alerts.ts'
import { SloEngine } from './slo/engine.ts'
import { readObjectives } from './slo/objectives.ts'
import { createSteps } from './steps.ts'
import { openStore } from './store/open.ts'
import { createRetention } from './store/retention.ts'
import type { Store } from './store/store.ts'
import { createUnreadableRows } from './store/unreadable.ts'
import type { TelemetrySink } from './telemetry/batch.ts'
import type { Clock } from './telemetry/clock.ts'

export interface ProcessorOptions {
  readonly config: Config
  readonly log: Logger
  readonly version: string
  /** Listen beyond loopback without tokens or client certificates. */
  readonly insecure?: boolean
  readonly clock?: Clock
}

export interface Processor extends Component {
  readonly receiver: Pick<Receiver, 'grpcPort' | 'httpPort'>
  readonly api: Pick<Api, 'port' | 'url'>
  /** What /metrics shows. */
  readonly registry: Registry
}

/** Puts the processor together. Opens its store; start() begins to listen, stop() drains in reverse and closes the store. */
export async function createProcessor(options: ProcessorOptions): Promise<Processor> {
  const { config, log, version, insecure = false, clock = Date.now } = options
  const { objectives, faults } = readObjectives(config.slo)
  if (faults.length > 0)
    throw new StartFault(faults.map(({ path, message }) => `${path}: ${message}`).join('\n'))
  const streamClock = new StreamClock(clock, config.kafka.max_delay)
  const readsKafka = config.kafka.brokers.length > 0
  const { member: memberName } = config.kafka
  /** Of telemetry and windows. */
  const time = readsKafka && memberName === undefined ? streamClock.now : clock
  const feedbackKeys = await readKeys('deliver.feedback', config.deliver.feedback)
  const registry = createRegistry()
  let published: Outputs | undefined
  const auth = new TokenAuthority(config.auth.tokens)
  const unreadable = createUnreadableRows({ registry, log, clock })
  const place = placeOf(config.store, DEFAULT_PATH)
  const database = databaseMetrics(registry, place)
  const store = await openStore({
    place,
    committed: database.committed,
    clock,
    mostThresholds: config.store.max_thresholds,
    claim: memberName === undefined ? { as: 'processor' } : { as: 'member', name: memberName },
    lostClaim: () =>
      log.fatal('another adf took over the store while this one was cut off from it; stop one of them'),
    unreadable,
    writable: (fault) => {
      database.writable(fault)
      if (fault === undefined) {
        log.info('the store can be written again')
        published?.storeWritable()
      } else log.error({ err: fault }, 'the store cannot be written; what is found meanwhile waits')
    },
  })

  const scoring: ScoringEngine = new ScoringEngine(scoringOptions(config), {
    registry,
    thresholds: store.thresholds,
    states: store.detectorState,
    homes: store.homes,
    scores: store.scores,
    clock,
    disturbance: (entity) => (member?.shards.current?.work.pipeline ?? pipeline).disturbance(entity),
    judged: (limit) => store.anomalies.judged(limit),
    warn: (message, error) => log.warn({ err: error }, message),
  })
  const brokers = readsKafka
    ? connectionOptions(config.kafka, config.kafka.tls && (await readClientTls('kafka', config.kafka.tls)))
    : undefined
  const member: Member | undefined =
    memberName === undefined || brokers === undefined
      ? undefined
      : createMember({
          config,
          name: memberName,
          place,
          connection: brokers,
          store,
          scoring,
          anomalyId: anomalyIdOf,
          newId: uuidv7,
          rng: Math.random,
          registry,
          log,
          wall: clock,
          unreadable,
          outputs: () => outputs,
          duties: (reducerStore) => duties(reducerStore),
        })
  // The outputs publish through the API, which asks the pipeline, which has the outputs: bound when all are there.
  const alone = () =>
    new Pipeline({
      config,
      clock: time,
      rng: Math.random,
      newId: uuidv7,
      anomalyId: readsKafka ? anomalyIdOf : undefined,
      registry,
      scoring,
      outputs: {
        anomaly: (...args) => published?.anomaly(...args),
        joined: (...args) => published?.joined(...args),
        happened: (...args) => published?.happened(...args),
        incident: (...args) => published?.incident(...args),
        left: (reason) => published?.left(reason),
        failed: (error) => published?.failed(error),
      },
    })
  const pipeline: Pipeline = member?.pipeline ?? alone()
  if (member === undefined) showLeading(registry, () => true)
  registerServiceGraphMetrics(registry, pipeline.graph)

  const slo: SloEngine = new SloEngine(sloOptions(config, objectives), {
    store: store.slo,
    outbox: store.outbox,
    sink: {
      raise: (alert) => alertmanager?.raise(alert),
      end: (id, endsMs) => alertmanager?.end(id, endsMs),
    },
    registry,
    clock: time,
    log,
  })
  const deliveryOver = ({ outbox, incidents }: Store) =>
    createAlertmanagerDelivery({
      config: config.deliver,
      feedbackKeys,
      outbox,
      incidents,
      registry,
      clock,
      log,
      delivered: (incidentId, subject, atMs) =>
        published?.happened(incidentId, { atMs, kind: 'alert', subject, text: `${subject} took the alert` }),
      others: { owns: isBurnAlert, annotations: (alert) => slo.annotations(alert), path: '/api/slo' },
    })
  /** Of members, the reducer has one. */
  let alertmanager = member === undefined ? deliveryOver(store) : undefined
  const forwarders = createForwarders(config.deliver.forward, { registry, log, clock })
  const limit = memoryLimit(config.memory.limit, process.constrainedMemory(), totalmem())
  const maxInFlight = roomInFlight(config.receiver.max_in_flight, limit)
  const receiver = createReceiver({
    config: { ...config.receiver, max_in_flight: maxInFlight },
    auth,
    sink: member?.sink ?? counted(pipeline, slo),
    forward: forwarders,
    repeatWindowMs: config.graph.pairing_window,
    registry,
    clock: member?.time ?? time,
    log,
    insecure,
  })
  const events = createEventsRouter({
    sink: member?.events ?? pipeline.features,
    taken: () => pipeline.judgeEvents(),
    maxRequestSize: config.receiver.max_request_size,
    admission: receiver.admission,
    refused: receiver.eventsRefused,
    registry,
    clock: member?.time ?? time,
  })
  const readiness = new ReadinessSwitch(
    () => store.fault() ?? kafka?.fault() ?? edgesFault(member),
    () => memory.shortage(),
  )
  const history = new GraphHistory({
    store: store.graphs,
    slices: (nowMs) => scoredSlices(pipeline, scoring, nowMs),
    intervalMs: config.graph.snapshot_interval,
    maxBytes: config.graph.max_snapshots_size,
    clock: time,
    log,
    unreadable,
    restore: ({ changes }) => pipeline.graph.restoreChanges(changes),
  })
  const memory = createMemoryGuard({
    limit,
    stores: memoryStores({
      ...{ pipeline, scoring, receiver, history, maxInFlight },
      extractors: member?.extractors ?? (() => [pipeline.features]),
    }),
    read: readMemory,
    garbage: createGarbage(),
    registry,
    clock,
    say: (text) => log.warn(text),
  })
  const federation = config.federation.enabled
    ? createFederation({
        config: config.federation,
        tls: await readClientTls('federation', config.federation.tls),
        networks: async () =>
          (await Promise.all(pipeline.features.streams.map((stream) => scoring.networks(stream)))).flat(),
        registry,
        log,
        clock,
      })
    : undefined
  const answers = createAnswers({
    config,
    clock: time,
    store,
    pipeline,
    scoring,
    history,
    slo,
    receiver,
    forwarders,
    alertmanager: () => alertmanager,
    openIncidents: () => member?.openIncidents() ?? pipeline.incidents.openCount,
    entities: () => (member === undefined ? pipeline.features.entities() : member.entities()),
    published: () => publisher?.statuses() ?? [],
    events: events.received,
    ready: () => readiness.state().ready,
    federation: () => federation?.status() ?? null,
    kafka: () => kafka?.standing(),
  })
  const api = createApi({
    ports: answers,
    listener: config.api,
    auth,
    insecure,
    registry,
    log,
    clock,
    version,
    ready: () => readiness.state(),
    events: events.router,
    requestTimeoutMs: config.receiver.request_timeout,
  })
  const outputs = createOutputs({
    store,
    hub: api.hub,
    alert: (incident, change) => alertmanager?.changed(incident, change),
    fenced: (shard) => member?.shards.lose(shard),
    registry,
    clock: time,
    log,
  })
  published = outputs
  const steps = createSteps({
    pipeline,
    stepMs: config.edge.step,
    clock: time,
    each: readsKafka && member === undefined,
    log,
  })
  const publisherOver = (from: Store) => {
    const publications = brokers === undefined ? [] : publicationsOf(config.kafka, from)
    return brokers === undefined || publications.length === 0
      ? undefined
      : createPublisher({ publications, followers: from.followers, connection: brokers, registry, log })
  }
  let publisher = member === undefined ? publisherOver(store) : undefined
  const retentions = (of: Store) => [
    createRetention({ store: of.retention, retentionMs: config.store.retention, clock, log }),
    createRetention({ store: of.scores, retentionMs: config.scores.retention, clock, log }),
  ]
  /** What of a group only the reducer does. */
  const duties = (reducerStore: Store): Duties => {
    const delivery = deliveryOver(reducerStore)
    const publishing = publisherOver(reducerStore)
    alertmanager = delivery
    publisher = publishing
    const over: Component = {
      name: 'duties',
      start: async () => {},
      async stop() {
        alertmanager = undefined
        publisher = undefined
      },
    }
    return {
      components: [...retentions(reducerStore), delivery, ...(publishing ? [publishing] : []), over],
      told: (incident, change) => outputs.reduced(incident, change),
    }
  }
  const kafka: KafkaReceiver | undefined = brokers
    ? createKafkaReceiver({
        config,
        connection: brokers,
        shards:
          member?.shards ??
          oneShard({
            clock: streamClock,
            step: (nowMs) => steps.reach(nowMs),
            steppedMs: () => steps.reachedMs,
          }),
        receiver,
        events,
        streams: pipeline.features.streams,
        edges: (value, atMs) => member?.takeEdges(value, atMs),
        storeFault: () => store.fault() ?? member?.full(),
        async effects() {
          await member?.saved()
          await scoring.saveAll()
          if (member === undefined) await slo.saveAll()
          await outputs.settled()
          // Offsets of a shard that was lost meanwhile are not committed.
          await member?.shards.tell()
        },
        registry,
        log,
      })
    : undefined
  const telemetry = createTelemetry({
    endpoint: config.telemetry.otlp_endpoint,
    serviceName: 'adf-processor',
  })
  const optional = (component: Component | undefined) => (component === undefined ? [] : [component])
  const lifecycle = new Lifecycle(
    member === undefined
      ? [
          telemetry,
          createEventLoopMonitor(registry),
          closing('store', store),
          ...retentions(store),
          engine(scoring),
          restoring(store, pipeline),
          outputs,
          slo,
          ...optional(federation),
          ...optional(alertmanager),
          forwarders,
          ...optional(publisher),
          api,
          history,
          memory,
          steps,
          receiver,
          ...optional(kafka),
          readiness,
        ]
      : [
          telemetry,
          createEventLoopMonitor(registry),
          closing('store', store),
          engine(scoring),
          outputs,
          forwarders,
          api,
          memory,
          steps,
          ...member.edges,
          ...optional(kafka),
          ...member.components,
          readiness,
        ],
  )
  return {
    name: 'processor',
    receiver,
    api,
    registry,
    start: () => lifecycle.start(),
    stop: () => lifecycle.stop(),
  }
}

/** For people. */
function edgesFault(member: Member | undefined): string | undefined {
  const fault = member?.fault()
  return fault === undefined ? undefined : `kafka: ${fault}`
}

/** The pipeline first: its graph marks the spans that came before. */
const counted = (pipeline: TelemetrySink, slo: SloEngine): TelemetrySink => ({
  spans(batch, arrivalMs) {
    pipeline.spans(batch, arrivalMs)
    slo.spans(batch, arrivalMs)
  },
  metrics(batch, arrivalMs) {
    pipeline.metrics(batch, arrivalMs)
    slo.metrics(batch, arrivalMs)
  },
  logs: (batch, arrivalMs) => pipeline.logs(batch, arrivalMs),
})

const engine = (scoring: ScoringEngine): Component => ({
  name: 'scoring',
  start: () => scoring.start(),
  stop: () => scoring.stop(),
})

const restoring = (store: Store, pipeline: Pipeline): Component => ({
  name: 'incidents',
  start: () => restoreIncidents(store, pipeline.incidents),
  stop: async () => {},
})
