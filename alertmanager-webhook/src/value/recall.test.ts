import { expect, test } from 'vitest'
import { wilson } from './interval.ts'
import { recall } from './recall.ts'

const wrong = (probability: number) => ({ probability, wrong: true })

test('is not known while nobody said anything, nor when nothing was wrong', () => {
  expect(recall(5, { reported: 0, answers: [] })).toBeNull()
  expect(recall(0, { reported: 0, answers: [{ probability: 0.1, wrong: false }] })).toBeNull()
})

test('counts what was reported as it is', () => {
  expect(recall(8, { reported: 2, answers: [] })).toEqual(wilson(8, 10))
  expect(recall(0, { reported: 2, answers: [] })?.[1]).toBe(0)
})

test('an answer stands for as many as it was chosen from', () => {
  // 6 told, 1 reported, answers for 2 and 4: 13 in all; effective (6+1+2+4)² / (6+1+4+16) = 169/27.
  const [low, estimate, high] = recall(6, { reported: 1, answers: [wrong(0.5), wrong(0.25)] }) ?? []
  expect(estimate).toBeCloseTo(6 / 13, 12)
  expect([low, high]).toEqual([
    wilson((6 / 13) * (169 / 27), 169 / 27)?.[0],
    wilson((6 / 13) * (169 / 27), 169 / 27)?.[2],
  ])
})

test('that nothing was wrong when asked says that nothing was missed', () => {
  expect(recall(6, { reported: 0, answers: [{ probability: 0.5, wrong: false }] })?.[1]).toBe(1)
})
