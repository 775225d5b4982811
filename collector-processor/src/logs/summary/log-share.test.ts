import { expect, test } from 'vitest'
import type { PlainLog } from '../../telemetry/log-builder.ts'
import { minedInParts } from './parts.test-data.ts'

const START = 1_760_000_000_000
const lines = (...bodies: readonly string[]): PlainLog[] =>
  bodies.map((body, n) => ({ resource: { 'service.name': 'cart' }, timeMs: START + n, severity: 9, body }))
const CITIES = ['Rome', 'Oslo', 'Bern', 'Graz', 'Kiel', 'Nice', 'Pisa', 'Lund', 'Turin']

/** A part that goes on with what another one has saved, as the next owner of its partition does. */
function moved(rig: ReturnType<typeof minedInParts>) {
  const [share] = rig.shares
  if (share === undefined) throw new Error('there is one')
  const rows = new Map(share.unsaved().map((service) => [service, share.save(service)]))
  const next = rig.begin()
  for (const [service, bytes] of rows) if (bytes !== null) next.restore(service, bytes)
  return { share, rows, next }
}

test('whoever goes on knows the templates: their words, what varies in them, and an example', () => {
  const rig = minedInParts(1)
  rig.send(lines('all is well', ...CITIES.map((city) => `ship it to ${city} by road`)), () => 0, START)
  const [told] = rig.step(START)
  const { next } = moved(rig)
  expect(next.unsaved()).toEqual([])
  next.logs(rig.batchOf(lines('all is well', 'ship it to Hamm by road', 'something new')), START)
  const again = next.take(START + 1000)
  const numbers = (templates: readonly { id: number; parts: readonly string[] }[] = []) =>
    new Map(templates.map(({ id, parts }) => [parts[1], id]))
  const [before, after] = [numbers(told?.templates), numbers(again?.templates)]
  expect(after.get('all')).toBe(before.get('all'))
  // One number that was told is that of what varies.
  expect(before.get('ship')).toBe(after.get('ship'))
  expect(after.get('something')).toBeDefined()
  expect(again?.templates.find(({ parts }) => parts[1] === 'all')?.example).toBe('all is well')
  expect(next.unsaved()).toEqual(['cart'])
})

test('what could not be saved is saved later, and what is not as it was written is refused', () => {
  const rig = minedInParts(1)
  rig.send(lines('all is well'), () => 0, START)
  const { share, rows, next } = moved(rig)
  expect(share.unsaved()).toEqual([])
  share.failed('cart')
  expect(share.unsaved()).toEqual(['cart'])
  expect(share.save('cart')).toEqual(rows.get('cart'))
  // The same lines again change nothing.
  rig.send(lines('all is well'), () => 0, START)
  expect(share.unsaved()).toEqual([])
  const bad = new TextEncoder().encode('{"version":1,"templates":[{"words":[1]}]}')
  expect(() => next.restore('cart', bad)).toThrow()
})

test('what was dropped is told by nobody, and its templates are told when they come next', () => {
  const rig = minedInParts(1)
  const [share] = rig.shares
  rig.send(lines('all is well', 'nearly so'), () => 0, START)
  share?.drop()
  expect(share?.take(START)).toBeUndefined()
  rig.send(lines('nearly so'), () => 0, START)
  const [told] = rig.step(START)
  expect(told?.templates.map(({ example }) => example)).toEqual(['nearly so'])
  expect(told?.records.map(({ slots }) => slots[0]?.[1])).toEqual([1])
})
