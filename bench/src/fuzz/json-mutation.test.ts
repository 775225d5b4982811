import { seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import { mutatedJson, oddText } from './json-mutation.ts'

const document = { a: [1, { b: 'text', c: null }], d: { e: true, f: [] } }

it('makes another document, the same for the same seed, and leaves what it was made of', () => {
  const before = structuredClone(document)
  const made = (seed: number) => JSON.stringify(mutatedJson(document, seeded(seed)))
  expect(made(3)).toBe(made(3))
  const all = Array.from({ length: 100 }, (_, seed) => made(seed))
  expect(all.filter((text) => text !== JSON.stringify(document)).length).toBeGreaterThan(80)
  expect(document).toEqual(before)
})

it('names keys of every object, as own keys, and changes no object of the process', () => {
  const texts = Array.from({ length: 500 }, (_, seed) => JSON.stringify(mutatedJson(document, seeded(seed))))
  expect(texts.some((text) => text.includes('"__proto__":'))).toBe(true)
  expect(Object.keys(Object.prototype)).toEqual([])
})

it('nests deeply', () => {
  const depths = Array.from(
    { length: 300 },
    (_, seed) => JSON.stringify(mutatedJson({ a: 1 }, seeded(seed))).split('[').length,
  )
  expect(Math.max(...depths)).toBeGreaterThan(100)
})

it('has odd texts', () => {
  const rng = seeded(1)
  expect(new Set(Array.from({ length: 100 }, () => oddText(rng))).size).toBeGreaterThan(10)
})
