import { FEATURES, generateRows, type SimulatedEvent, STREAMS, simulateEvents } from '@adf/demo'

/** Vectors of normal operation, one entity for each seed. */
export interface NormalStream {
  readonly name: string
  readonly features: readonly string[]
  /** Vectors that are learned first; the others are held out. */
  readonly learned: number
  readonly entities: readonly { readonly values: Float64Array; readonly timesMs: Float64Array }[]
}

const START_MS = Date.UTC(2026, 0, 5)
const SERVICE_INTERVAL_MS = 60_000
/** Two days to learn from, and a week that is held out. */
const SERVICE_HOURS = { learned: 48, heldOut: 168 }
const EVENTS = { learned: 2000, heldOut: 20_000 }
const EVENT_INTERVAL_MS = 1000
/** Entities that the events of a simulated stream are of, at the most. */
const ENTITIES = 10

/** The 17 standard features as `adf generate` writes them, and the streams of `adf simulate`, all without anomalies. */
export function* normalStreams(seeds: readonly number[]): Generator<NormalStream> {
  yield {
    name: 'service',
    features: FEATURES.map(({ name }) => name),
    learned: (SERVICE_HOURS.learned * 3_600_000) / SERVICE_INTERVAL_MS,
    entities: seeds.map(generated),
  }
  const count = EVENTS.learned + EVENTS.heldOut
  for (const name of STREAMS) {
    const options = { stream: name, anomalies: 0, startMs: START_MS, intervalMs: EVENT_INTERVAL_MS }
    const entities = seeds.map((seed) =>
      simulated(simulateEvents({ ...options, count: 2 * ENTITIES * count, seed }), count),
    )
    yield { name, features: entities[0]!.features, learned: EVENTS.learned, entities }
  }
}

function generated(seed: number) {
  const hours = SERVICE_HOURS.learned + SERVICE_HOURS.heldOut
  const rows = [
    ...generateRows({
      service: 'shop',
      hours,
      intervalMs: SERVICE_INTERVAL_MS,
      seed,
      rate: 0,
      startMs: START_MS,
    }),
  ]
  return {
    values: Float64Array.from(rows.flatMap(({ values }) => values)),
    timesMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
  }
}

/** The first `count` events of the entity that comes first. */
function simulated(events: Iterable<SimulatedEvent>, count: number) {
  let key: string | undefined
  let entity: string | number | undefined
  let features: string[] = []
  const values: number[] = []
  const timesMs: number[] = []
  for (const { event } of events) {
    if (key === undefined) {
      features = Object.keys(event).filter((field) => typeof event[field] === 'number')
      key =
        Object.keys(event).find((field) => field !== 'timestamp' && typeof event[field] === 'string') ?? ''
      entity = event[key]
    }
    if (event[key] !== entity) continue
    values.push(...features.map((name) => Number(event[name])))
    timesMs.push(Date.parse(String(event['timestamp'])))
    if (timesMs.length === count)
      return { features, values: Float64Array.from(values), timesMs: Float64Array.from(timesMs) }
  }
  throw new RangeError(`${timesMs.length} of ${count} events of ${entity}`)
}
