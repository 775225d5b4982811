import { expect, it, vi } from 'vitest'
import { ModelError } from '../codec/model-error.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { EdgeDetector } from './edge-detector.ts'

vi.setConfig({ testTimeout: 60_000 })

function* waves(seed: number) {
  const rng = seeded(seed)
  for (let i = 0; ; i++) yield [0, 1, 2].map((f) => 10 + Math.sin(i / 4 + f) + 0.1 * normal(rng))
}
const take = (rows: Generator<number[]>, count: number) =>
  Array.from({ length: count }, () => rows.next().value as number[])

it('is trained, finds what is odd, says where, takes a threshold, and goes on from a file', async () => {
  const rows = waves(1)
  const sizes = { inputSize: 3, hiddenSize: 8, numLayers: 1, names: ['a', 'b', 'c'] }
  const detector = new EdgeDetector(sizes)
  const losses: number[] = []
  await detector.train(take(rows, 800), {
    epochs: 6,
    batchSize: 4,
    learningRate: 0.01,
    onProgress: ({ loss }) => losses.push(loss),
  })
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2)
  const calm = take(rows, 300).map((row) => detector.detect(row))
  expect(calm.filter(({ isAnomaly }) => isAnomaly).length).toBeLessThan(4)

  const copy = new EdgeDetector(sizes)
  copy.load(detector.save())
  const [row] = take(rows, 1)
  const odd = row!.map((value, i) => (i === 1 ? value + 5 : value))
  const found = detector.detect(odd)
  expect(found.isAnomaly).toBe(true)
  const { parts } = found.explanation!
  expect(detector.features[parts.indexOf(Math.max(...parts))]).toBe('b')
  expect(copy.detect(odd)).toEqual(found)
  expect(detector.statistics()).toMatchObject({ vectors: 301 })
  detector.updateThreshold(1)
  expect(detector.statistics().threshold).toBe(1)
})

it('says what it needs', async () => {
  expect(() => new EdgeDetector({ inputSize: 2, names: ['a'] })).toThrow('1 names are not those of 2 values')
  const detector = new EdgeDetector({ inputSize: 2, hiddenSize: 4 })
  expect(() => detector.detect([1, 2])).toThrow('not trained')
  await expect(detector.train([[1, 2]])).rejects.toThrow('1 vectors are too few: 100 are needed')
  await expect(detector.train(Array.from({ length: 200 }, () => [1]))).rejects.toThrow(
    'a vector of 1 values, expected 2',
  )
  expect(() => detector.load(Uint8Array.of(1, 2, 3))).toThrow(ModelError)
})
