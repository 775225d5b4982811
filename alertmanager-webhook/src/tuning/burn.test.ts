import type { SloStatus, SloWindow } from '@adf/contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Processor } from '../processor/processor.ts'
import { objectiveBurning } from '../testing/objective.test-data.ts'
import { startProcessor, type TestProcessor } from '../testing/test-processor.ts'
import { readBurns } from './burn.ts'

let far: TestProcessor
let processor: Processor
beforeEach(async () => {
  far = await startProcessor({ stream: 'service', entityId: 'cart-1', initial: 0.8, service: 'cart' })
  processor = new Processor({ url: far.url, timeoutMs: 10_000 })
})
afterEach(async () => {
  await processor.close()
  await far.stop()
})

const burning = (rates: Partial<Record<SloWindow['window'], number | null>>, more: Partial<SloStatus> = {}) =>
  objectiveBurning('cart', rates, more)
const burns = async () => Object.fromEntries(await readBurns(processor))

test('both windows of the fast pair must burn: the slower of them counts', async () => {
  far.objectives = [burning({ '5m': 20, '1h': 15, '6h': 1, '30d': 0.2 })]
  expect(await burns()).toEqual({ cart: 15 })
  far.objectives = [burning({ '5m': 20, '1h': 0.5 })]
  expect(await burns()).toEqual({ cart: 0.5 })
  // Over: the hour remembers what the last minutes do not show any more.
  far.objectives = [burning({ '5m': 0, '1h': 15 })]
  expect(await burns()).toEqual({ cart: 0 })
})

test('without requests nothing burns', async () => {
  far.objectives = [burning({ '5m': null, '1h': 15 })]
  expect(await burns()).toEqual({ cart: 0 })
  far.objectives = [burning({ '30d': 4 })]
  expect(await burns()).toEqual({ cart: 0 })
})

test('of several objectives of a service the one that burns fastest counts', async () => {
  far.objectives = [
    burning({ '5m': 2, '1h': 2 }),
    burning({ '5m': 8, '1h': 9 }, { indicator: 'latency' }),
    objectiveBurning('payment', { '5m': 3, '1h': 3 }),
  ]
  expect(await burns()).toEqual({ cart: 8, payment: 3 })
})

test('where nobody answers nothing burns, but an end is an end', async () => {
  await far.stop()
  expect(await burns()).toEqual({})
  const ending = AbortSignal.abort(new Error('stopped'))
  await expect(readBurns(processor, ending)).rejects.toThrow('stopped')
})
