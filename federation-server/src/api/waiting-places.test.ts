import { expect, it } from 'vitest'
import { WaitingPlaces } from './waiting-places.ts'

it('gives one client a few places, and others theirs, until all are taken', () => {
  const places = new WaitingPlaces(6)
  const own = Array.from({ length: 10 }, () => places.take('greedy'))
  expect(own.filter((place) => place !== undefined)).toHaveLength(4)
  expect(places.take('second')).toBeDefined()
  expect(places.take('third')).toBeDefined()
  expect(places.take('fourth')).toBeUndefined()
  own[0]?.()
  expect(places.take('fourth')).toBeDefined()
  expect(places.take('greedy')).toBeUndefined()
})

it('has none when none are allowed', () => {
  expect(new WaitingPlaces(0).take('client')).toBeUndefined()
})
