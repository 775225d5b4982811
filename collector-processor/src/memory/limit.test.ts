import { expect, test } from 'vitest'
import { memoryLimit } from './limit.ts'
import { readMemory, usedShare } from './reading.ts'

test('the limit is the configured one, else nine tenths of the container, else none', () => {
  const machine = 24e9
  expect(memoryLimit(5e8, 1e9, machine)).toBe(5e8)
  expect(memoryLimit(undefined, 1e9, machine)).toBe(9e8)
  expect(memoryLimit(undefined, 0, machine)).toBeUndefined()
  // What Node says where the control group has no limit.
  expect(memoryLimit(undefined, 2 ** 64, machine)).toBeUndefined()
})

test('the share is of the nearer of the two limits', () => {
  const reading = { residentBytes: 600, heapBytes: 100, heapLimitBytes: 400 }
  expect(usedShare(reading, 800)).toBe(0.75)
  expect(usedShare({ ...reading, heapBytes: 380 }, 800)).toBe(0.95)
  expect(usedShare(reading, undefined)).toBe(0.25)
})

test('a reading is of this process', () => {
  const { residentBytes, heapBytes, heapLimitBytes } = readMemory()
  expect(residentBytes).toBeGreaterThan(heapBytes)
  expect(heapBytes).toBeGreaterThan(2 ** 20)
  expect(heapLimitBytes).toBeGreaterThan(heapBytes)
})
