import { expect, test } from 'vitest'
import { createGarbage } from './garbage.ts'

test('collects what nobody holds any more, and leaves no way to it behind', () => {
  const garbage = createGarbage()
  const before = process.memoryUsage().arrayBuffers
  let big: ArrayBuffer | undefined = new ArrayBuffer(32 * 2 ** 20)
  expect(process.memoryUsage().arrayBuffers).toBeGreaterThanOrEqual(before + big.byteLength)
  big = undefined
  garbage.collect()
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + 32 * 2 ** 20)
  expect('gc' in globalThis).toBe(false)
})
