import { duration, fault, listener, logging, placeFaults, placeKeys, tokens, tracing } from '@adf/service'
import { z } from 'zod'
import { deliver } from './config/deliver.ts'
import { edge } from './config/edge.ts'
import { federation } from './config/federation.ts'
import { graph } from './config/graph.ts'
import { incident } from './config/incident.ts'
import { kafka } from './config/kafka.ts'
import { logs } from './config/logs.ts'
import { memberFaults } from './config/member.ts'
import { memory } from './config/memory.ts'
import { receiver } from './config/receiver.ts'
import { federated, thresholding } from './config/reserved.ts'
import { scores } from './config/scores.ts'
import { slo } from './config/slo.ts'
import { streams } from './feature/streams.ts'

/** Of the store, when the configuration names no place. */
export const DEFAULT_PATH = '.adf/adf.db'

const store = z
  .strictObject({
    ...placeKeys({ path: DEFAULT_PATH, schema: 'adf' }),
    retention: duration('30d').meta({
      description: 'age from which anomalies, incidents and verdicts are deleted',
    }),
    max_thresholds: z.int().min(1).max(10_000_000).default(100_000).meta({
      description:
        'thresholds that differ from the initial one at most; further ones are refused (409 `too_many_thresholds`)',
    }),
    state_interval: duration('1m').meta({ description: 'how often learned state is saved' }),
    follow_interval: duration('3s', { min: '100ms' }).meta({
      description: 'how often is looked for thresholds that other processes set in the same database',
    }),
  })
  .superRefine(placeFaults)
  .prefault({})

const auth = tokens(
  'bearer tokens; when there is one, every request needs one (but /health, /ready and /docs)',
)

/** The processor's configuration. Keys marked reserved are named for parts that are not there yet: setting one gives a warning. */
export const Config = z
  .strictObject({
    log: logging,
    receiver,
    kafka,
    api: listener(8080).meta({ description: 'HTTP API, metrics and documentation' }),
    edge,
    streams,
    graph,
    logs,
    incident,
    memory,
    deliver,
    store,
    scores,
    auth,
    slo,
    federation,
    federated,
    thresholding,
    telemetry: tracing,
  })
  .superRefine(({ receiver, kafka, api, edge, incident, streams, ...others }, context) => {
    for (const { path, message } of memberFaults({ kafka, edge, ...others })) fault(context, path, message)
    const listeners = [
      ['receiver.grpc', receiver.grpc],
      ['receiver.http', receiver.http],
      ['api', api],
    ] as const
    for (const [at, [key, { host, port }]] of listeners.entries()) {
      const [other] =
        listeners.slice(0, at).find(([, one]) => port !== 0 && one.port === port && one.host === host) ?? []
      if (other !== undefined) fault(context, [...key.split('.'), 'port'], `is that of ${other} too`)
    }
    if (kafka.brokers.length > 0 && kafka.max_delay > receiver.max_clock_skew)
      fault(context, ['kafka', 'max_delay'], 'must not be longer than receiver.max_clock_skew')
    for (const [at, { stream }] of kafka.events.entries())
      if (stream !== undefined && streams[stream]?.kind !== 'event')
        fault(context, ['kafka', 'events', at, 'stream'], `${stream} is no stream of kind event`)
    if (incident.resolve_after < edge.step)
      fault(context, ['incident', 'resolve_after'], 'must not be shorter than edge.step')
  })
export type Config = z.output<typeof Config>
