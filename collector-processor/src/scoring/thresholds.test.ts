import { expect, it } from 'vitest'
import { MemoryThresholds } from './testing/thresholds.ts'
import { Thresholds } from './thresholds.ts'

async function followed() {
  const store = new MemoryThresholds()
  const applied: string[] = []
  store.set('service', 'before', 0.5)
  const thresholds = new Thresholds(store, (stream, entity) => applied.push(`${stream} ${entity}`))
  await thresholds.load()
  return { store, thresholds, applied }
}

it('those of the store are there, and later ones with a look', async () => {
  const { store, thresholds, applied } = await followed()
  expect(thresholds.get('service', 'before')).toBe(0.5)
  store.set('service', 'a', 1.5)
  store.set('service', 'before', null)
  expect(thresholds.get('service', 'a')).toBeUndefined()
  await thresholds.follow()
  expect([thresholds.get('service', 'a'), thresholds.get('service', 'before')]).toEqual([1.5, undefined])
  await thresholds.follow()
  expect(applied).toEqual(['service a', 'service before'])
})

it('a long absence is caught up with in pieces', async () => {
  const { store, thresholds } = await followed()
  for (let i = 0; i < 1234; i++) store.set('service', `e${i % 700}`, i / 1000)
  await thresholds.follow()
  expect(thresholds.get('service', 'e10')).toBe(0.71)
  expect(thresholds.get('service', 'e699')).toBe(0.699)
})

it('what was committed before the call is applied when it resolves, though a look was under way', async () => {
  const { store, thresholds } = await followed()
  const under = Promise.withResolvers<void>()
  const since = store.since.bind(store)
  store.since = async (version, limit) => {
    const steps = await since(version, limit)
    await under.promise
    return steps
  }
  const first = thresholds.follow()
  await Promise.resolve()
  store.set('service', 'a', 1)
  const second = thresholds.follow()
  under.resolve()
  await Promise.all([first, second])
  expect(thresholds.get('service', 'a')).toBe(1)
})

it('a look that fails is made again by the next', async () => {
  const { store, thresholds } = await followed()
  const since = store.since.bind(store)
  store.since = () => Promise.reject(new Error('closed'))
  store.set('service', 'a', 1)
  await expect(thresholds.follow()).rejects.toThrow('closed')
  store.since = since
  await thresholds.follow()
  expect(thresholds.get('service', 'a')).toBe(1)
})
