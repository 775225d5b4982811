import { logNormal, normal, pick, type Random, seededRandom, seedOf } from '../runtime/random.ts'

export const STREAMS = ['server_metrics', 'transactions', 'iot_sensors'] as const
export type StreamName = (typeof STREAMS)[number]

export interface SimulatedEvent {
  /** As it is sent. */
  readonly event: Readonly<Record<string, string | number>>
  readonly anomalous: boolean
}

interface Simulation {
  readonly entity: string
  readonly entities: readonly string[]
  /** Fields of one event of an entity (by its place in `entities`). */
  readonly fields: (random: Random, index: number, anomalous: boolean) => Record<string, number>
}

const named = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`)
const round = (value: number, digits = 2) => Number(value.toFixed(digits))
const percent = (value: number) => round(Math.min(100, Math.max(0, value)))

/** Entities are few, so that each has learned what is normal after some thousand events. */
const SIMULATIONS: Readonly<Record<StreamName, Simulation>> = {
  server_metrics: {
    entity: 'server',
    entities: named('web', 5),
    fields: (random, index, anomalous) => ({
      cpu: percent(30 + 4 * index + 5 * normal(random) + (anomalous ? 45 : 0)),
      memory: percent(50 + 3 * index + 2 * normal(random)),
      latency: round(logNormal(random, 80 + 10 * index, 0.15) * (anomalous ? 6 : 1)),
      error_rate: round(Math.abs(0.004 + 0.002 * normal(random)) + (anomalous ? 0.2 : 0), 5),
    }),
  },
  transactions: {
    entity: 'account',
    entities: named('a', 10),
    fields: (random, index, anomalous) => ({
      amount: round(logNormal(random, 20 + 5 * index, 0.5) * (anomalous ? 60 : 1)),
    }),
  },
  iot_sensors: {
    entity: 'sensor',
    entities: named('press', 5),
    fields: (random, index, anomalous) => ({
      temperature: round(60 + 2 * index + normal(random) + (anomalous ? 25 : 0)),
      vibration: round(logNormal(random, 0.8, 0.12) * (anomalous ? 5 : 1), 3),
      pressure: round(4 + 0.08 * normal(random) - (anomalous ? 1.5 : 0), 3),
      humidity: percent(40 + 2 * normal(random)),
    }),
  },
}

export interface SimulateOptions {
  readonly stream: StreamName
  readonly count: number
  readonly seed: number
  /** Share of anomalous events. */
  readonly anomalies: number
  readonly startMs: number
  /** Between two events. */
  readonly intervalMs: number
}

/** The first tenth is normal, so that there is something to learn from. */
const CLEAN_START = 0.1

/** Events in the order of their times. The same options give the same events. */
export function* simulateEvents(options: SimulateOptions): Generator<SimulatedEvent> {
  const { entity, entities, fields } = SIMULATIONS[options.stream]
  const random = seededRandom(seedOf(options.seed, options.stream))
  const share = options.anomalies / (1 - CLEAN_START)
  for (let i = 0; i < options.count; i++) {
    const name = pick(random, entities)
    const anomalous = random() < share && i >= options.count * CLEAN_START
    yield {
      event: {
        timestamp: new Date(options.startMs + i * options.intervalMs).toISOString(),
        [entity]: name,
        ...fields(random, entities.indexOf(name), anomalous),
      },
      anomalous,
    }
  }
}
