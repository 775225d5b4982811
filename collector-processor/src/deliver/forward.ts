import { type Component, type Logger, StartFault } from '@adf/service'
import type { Registry } from 'prom-client'
import type { Clock } from '../telemetry/clock.ts'
import type { ForwardRequest, TelemetryForward } from '../telemetry/forward.ts'
import { ForwardCounters } from './forward-counters.ts'
import { createGrpcSender } from './forward-grpc.ts'
import { ForwardHealth, type ForwardStatus } from './forward-health.ts'
import { createHttpSender } from './forward-http.ts'
import { ForwardQueue } from './forward-queue.ts'
import type { ForwardEndpoint } from './forward-sender.ts'
import { readClientTls } from './forward-tls.ts'

export interface ForwardOptions {
  readonly registry: Registry
  readonly log: Logger
  readonly clock: Clock
  /** Uniform in [0, 1); jitter of retries. */
  readonly rng?: () => number
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number }
  /** How long stop() waits for what is queued. */
  readonly drainMs?: number
}

export interface Forwarders extends Component, TelemetryForward {
  statuses(): readonly ForwardStatus[]
}

/**
 * Sends every request on, untouched, to each endpoint, which has a queue, retries and counters of its own: a slow or dead one
 * holds up neither the others nor the receiver.
 */
export function createForwarders(endpoints: readonly ForwardEndpoint[], options: ForwardOptions): Forwarders {
  const { registry, clock, rng = Math.random, drainMs = 5000 } = options
  const { backoff = { initialMs: 500, maxMs: 30_000 } } = options
  const queues = new Map<string, ForwardQueue>()
  const healths: ForwardHealth[] = []
  let stopping: Promise<void> | undefined
  const counters = new ForwardCounters(registry, function* () {
    for (const [name, queue] of queues) yield [name, queue.bytes] as const
  })

  const open = async (endpoint: ForwardEndpoint) => {
    const { name } = endpoint
    const tls = await readClientTls('deliver.forward', endpoint.tls)
    const sender =
      endpoint.protocol === 'grpc' ? createGrpcSender(endpoint, tls) : createHttpSender(endpoint, tls)
    const health = new ForwardHealth(name, options)
    const queue = new ForwardQueue(sender, {
      name,
      maxBytes: endpoint.queue_size,
      maxElapsedMs: endpoint.max_elapsed,
      backoff,
      clock,
      rng,
      counters,
      onOutcome: (outcome, signal) => health.tell(outcome, signal),
    })
    queues.set(name, queue)
    healths.push(health)
  }

  return {
    name: 'deliver.forward',
    wanted: endpoints.length > 0,
    async start() {
      const twice = endpoints.find(({ name }, i) => endpoints.findIndex((other) => other.name === name) < i)
      if (twice !== undefined) throw new StartFault(`deliver.forward: two endpoints are named ${twice.name}`)
      await Promise.all(endpoints.map(open))
    },
    async stop() {
      stopping ??= Promise.all([...queues.values()].map((queue) => queue.stop(drainMs))).then(() => undefined)
      await stopping
    },
    forward(request: ForwardRequest) {
      for (const queue of queues.values()) queue.push(request)
    },
    statuses: () => healths.map((health) => health.status()),
  }
}
