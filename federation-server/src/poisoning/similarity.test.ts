import { normal, type Rng, seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import type { Measurement } from './measurements.ts'
import { type Course, nextCourse, similarityFindings } from './similarity.ts'

const direction = (rng: Rng) => Float64Array.from({ length: 256 }, () => normal(rng))

/** Clients with the directions given, each round with noise as long as they. */
function suspicions(directions: readonly Float64Array[], noise: number, rounds: number): number[] {
  const rng = seeded(3)
  let courses: (Course | undefined)[] = directions.map(() => undefined)
  let last: number[] = []
  for (let round = 0; round < rounds; round++) {
    const measurements = directions.map((own, i): Measurement => {
      const residual = own.map((value) => value + noise * normal(rng))
      return { clientId: `c${i}`, sizes: new Float64Array(1), sketch: residual, residual }
    })
    const next = measurements.map(({ residual }, i) => nextCourse(courses[i], residual, round))
    last = similarityFindings(measurements, next).map((finding) => finding?.suspicion ?? 0)
    courses = next
  }
  return last.map((suspicion) => Math.round(10 * suspicion) / 10)
}

const rng = seeded(1)
const [a, b, c, d, e, f] = Array.from({ length: 6 }, () => direction(rng))

it('suspects copies at once, and hidden ones after some rounds', () => {
  expect(suspicions([a!, b!, c!, d!, e!, e!], 0.1, 1)).toEqual([0, 0, 0, 0, 1, 1])
  expect(suspicions([a!, b!, c!, d!, e!, e!], 0.7, 1)).toEqual([0, 0, 0, 0, 0, 0])
  const hidden = suspicions([a!, b!, c!, d!, e!, e!], 0.7, 12)
  expect(hidden.slice(0, 4)).toEqual([0, 0, 0, 0])
  expect(Math.min(...hidden.slice(4))).toBeGreaterThanOrEqual(0.5)
})

it('suspects nobody where sites come in kinds, nor in a round of two', () => {
  expect(suspicions([a!, a!, a!, b!, b!, b!], 0.2, 6)).toEqual([0, 0, 0, 0, 0, 0])
  expect(suspicions([a!, b!, c!, d!, e!, f!], 0.7, 12)).toEqual([0, 0, 0, 0, 0, 0])
  expect(suspicions([a!, a!], 0, 6)).toEqual([0, 0])
})
