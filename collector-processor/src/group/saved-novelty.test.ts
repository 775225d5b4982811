import { expect, test } from 'vitest'
import { LogNovelty } from '../feature/log-novelty.ts'
import { TemplateMix } from '../feature/template-mix.ts'
import { SavedNovelty } from './saved-novelty.ts'

const names = { merges: 0, current: (template: number) => template }
const STALE_MS = 60_000

function mixOf(counts: Record<number, number>): [TemplateMix, number] {
  const mix = new TemplateMix()
  let records = 0
  for (const [template, count] of Object.entries(counts)) {
    mix.add(Number(template), count)
    records += count
  }
  return [mix, records]
}

/** What a process knows of entities, and saves of them into `rows`. */
function owner(rows: Map<string, Uint8Array>) {
  const known = new Map<string, LogNovelty>()
  const unreadable: string[] = []
  const clock = { ms: 0 }
  const saved = new SavedNovelty({
    saved: new Map(rows),
    novelty: (id) => known.get(id),
    changed: () => [...known].filter(([, { changed }]) => changed).map(([id]) => id),
    clock: () => clock.ms,
    staleMs: STALE_MS,
    unreadable: (id) => unreadable.push(id),
  })
  return {
    ...{ known, unreadable, clock, saved },
    come(id: string): LogNovelty {
      const novelty = new LogNovelty(names)
      saved.goOn(id, novelty)
      known.set(id, novelty)
      return novelty
    },
    save() {
      for (const id of saved.unsaved()) {
        const bytes = saved.save(id)
        if (bytes === null) rows.delete(id)
        else rows.set(id, bytes)
      }
    },
  }
}

test('an entity goes on with what its mix of templates has been', () => {
  const rows = new Map<string, Uint8Array>()
  const one = owner(rows)
  const before = one.come('cart')
  for (let n = 0; n < 50; n++) {
    before.learn(...mixOf({ 7: 100 + (n % 5), 8: 20 }))
    before.learnedMs = n * 1000
  }
  one.save()
  expect(one.saved.unsaved()).toEqual([])
  const after = owner(rows).come('cart')
  expect(after.learnedMs).toBe(49_000)
  for (const counts of [
    { 7: 100, 8: 20 },
    { 7: 100, 9: 20 },
    { 7: 10, 8: 90 },
  ]) {
    const wanted = before.of(...mixOf(counts))
    expect(wanted).not.toBeNaN()
    expect(after.of(...mixOf(counts))).toBe(wanted)
  }
  after.learn(...mixOf({ 7: 1 }))
  expect(after.changed).toBe(true)
})

test('what was saved goes when the entity is gone, here or since it was saved', () => {
  const rows = new Map<string, Uint8Array>()
  const one = owner(rows)
  for (const id of ['cart', 'mail', 'shop']) one.come(id).learn(...mixOf({ 7: 10 }))
  // Nothing was learned at a time yet, as nobody has windows.
  for (const novelty of one.known.values()) novelty.learnedMs = 1
  one.save()
  one.known.delete('mail')
  one.save()
  expect([...rows.keys()]).toEqual(['cart', 'shop'])
  const next = owner(rows)
  next.come('cart')
  next.save()
  expect([...rows.keys()]).toEqual(['cart', 'shop'])
  next.clock.ms = STALE_MS + 1
  next.save()
  expect([...rows.keys()]).toEqual(['cart'])
})

test('what cannot be read is told, and the entity begins anew', () => {
  const rows = new Map([['cart', new TextEncoder().encode('{"version":1}')]])
  const one = owner(rows)
  expect(one.come('cart').of(...mixOf({ 7: 10 }))).toBeNaN()
  expect(one.unreadable).toEqual(['cart'])
})

test('what could not be saved is saved the next time', () => {
  const one = owner(new Map())
  one.come('cart').learn(...mixOf({ 7: 10 }))
  one.saved.save('cart')
  expect(one.saved.unsaved()).toEqual([])
  one.saved.failed('cart')
  expect(one.saved.unsaved()).toEqual(['cart'])
})
