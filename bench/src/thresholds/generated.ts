import type { Peak } from '@adf/alertmanager-webhook'
import { exponential, normal, type Rng, seeded } from '@adf/detectors'
import { type ScoredEntity, type ScoredStream, scoredEntity } from './scored-stream.ts'

const DAY = 1440
const DAYS = 28
const ENTITIES = 8
const INITIAL = 0.8
/** Independent vectors of a minute, of windows that overlap. */
const VECTORS = 10

/** What is wrong without being trouble, and when: the severity that it reaches, how often it comes in a day. */
interface Noise {
  readonly name: string
  /** Of an entity whose noise is of severity `level`, by how far the run is, from 0 to 1. */
  perDay(progress: number): number
  severity(level: number, progress: number): number
  /** Minute of the day at which it comes; left out: any. */
  readonly minuteOfDay?: number
  /** Episodes that come together. */
  readonly together?: number
}

const noises: readonly Noise[] = [
  { name: 'stationary', perDay: () => 1.5, severity: (level) => level },
  { name: 'drift', perDay: () => 1.5, severity: (level, progress) => level - 0.15 + 0.35 * progress },
  { name: 'seasonal', perDay: () => 1, severity: (level) => level + 0.1, minuteOfDay: 180 },
  { name: 'bursts', perDay: () => 0.15, severity: (level) => level, together: 10 },
  { name: 'change', perDay: (progress) => (progress < 0.3 ? 0.3 : 3), severity: (level) => level },
  { name: 'quiet', perDay: () => 0, severity: (level) => level },
]

/**
 * Peaks of eight entities over four weeks: chance (the largest of the p-values of a minute), incidents (0.4 a day, severity 1.4 ± 0.25), and
 * noise of about the same severity for an entity, 0.8 to 1.1, as often as its stream says. One entity in four has no noise.
 */
export const generatedStreams = (seed: number): ScoredStream[] =>
  noises.map((noise, place) => ({
    name: noise.name,
    entities: Array.from({ length: ENTITIES }, (_, i) =>
      generate(noise, i, seeded(1000 * seed + 10 * place + i)),
    ),
    fromMinute: 0,
    toMinute: DAYS * DAY,
  }))

function generate(noise: Noise, place: number, rng: Rng): ScoredEntity {
  const minutes = DAYS * DAY
  const severities = Float64Array.from({ length: minutes }, () => -Math.log10(1 - rng() ** (1 / VECTORS)) / 6)
  const trouble = new Uint8Array(minutes)
  const lift = (from: number, length: number, peak: number) => {
    const at = Math.floor(from + rng() * length)
    for (let minute = from; minute < Math.min(minutes, from + length); minute++)
      severities[minute] = Math.max(severities[minute]!, minute === at ? peak : peak - 0.3 * rng())
  }
  const level = 0.8 + 0.3 * rng()
  if (place % 4 !== 3)
    for (const from of noiseTimes(noise, rng))
      lift(from, 1 + Math.floor(5 * rng()), noise.severity(level, from / minutes) + 0.05 * normal(rng))
  for (let at = (DAY / 0.4) * exponential(rng); at < minutes; at += (DAY / 0.4) * exponential(rng)) {
    const from = Math.floor(at)
    const length = 5 + Math.floor(30 * rng())
    lift(from, length, 1.4 + 0.25 * normal(rng))
    trouble.fill(1, from, from + length)
  }
  const entity = { stream: noise.name, id: `entity-${place}`, kind: noise.name }
  const peaks: Peak[] = Array.from(severities, (severity, minute) => ({ minute, severity }))
  return scoredEntity(entity, INITIAL, peaks, (minute) => trouble[minute] === 1)
}

function noiseTimes({ perDay, minuteOfDay, together = 1 }: Noise, rng: Rng): number[] {
  const times: number[] = []
  for (let day = 0; day < DAYS; day++) {
    const rate = perDay(day / DAYS)
    for (let left = exponential(rng); left < rate; left += exponential(rng)) {
      const start = day * DAY + (minuteOfDay ?? Math.floor(rng() * DAY)) + Math.floor(10 * rng())
      for (let k = 0; k < together; k++) times.push(start + k * 20 + Math.floor(5 * rng()))
    }
  }
  return times.filter((time) => time < DAYS * DAY)
}
