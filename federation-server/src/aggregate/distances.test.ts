import { normal, seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import { squaredDistance } from '../vector/vector.ts'
import { neighbours, squaredDistances } from './distances.ts'

it('estimates distances of more than it can afford within a tenth, and those of equal ones as 0', () => {
  const rng = seeded(1)
  const vectors = Array.from({ length: 40 }, () => Float32Array.from({ length: 700_000 }, () => normal(rng)))
  vectors[1] = vectors[0]!
  const estimated = squaredDistances(vectors, seeded(2))
  expect(estimated).toEqual(squaredDistances(vectors, seeded(2)))
  expect(estimated[1]).toBe(0)
  for (let other = 2; other < 40; other++) {
    const ratio = Math.sqrt(estimated[other]! / squaredDistance(vectors[0]!, vectors[other]!))
    expect(Math.abs(ratio - 1)).toBeLessThan(0.1)
  }
})

it('orders neighbours by distance, itself first', () => {
  const distances = squaredDistances(
    [5, 1, 5, 4].map((x) => Float64Array.of(x)),
    seeded(1),
  )
  expect(neighbours(distances, 4).map((order) => [...order])).toEqual([
    [0, 2, 3, 1],
    [1, 3, 0, 2],
    [2, 0, 3, 1],
    [3, 0, 2, 1],
  ])
})
