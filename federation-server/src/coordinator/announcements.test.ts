import { expect, it } from 'vitest'
import { Announcements } from './announcements.ts'

const never = new AbortController().signal
const HOUR = 3_600_000

it('wakes those that listen for a run, from the moment they began to', async () => {
  const announcements = new Announcements()
  const [one, two] = [announcements.listen(['a']), announcements.listen(['b', 'c'])]
  announcements.announce('a')
  await one.changed(HOUR, never)
  let woken = false
  const waiting = two.changed(HOUR, never).then(() => {
    woken = true
  })
  announcements.announce('a')
  await Promise.resolve()
  expect(woken).toBe(false)
  announcements.announce('c')
  await waiting
  one.end()
  two.end()
  expect(announcements.listening).toBe(0)
})

it('lets go after a time, when nobody waits any more, and when all are sent away', async () => {
  const announcements = new Announcements()
  await announcements.listen(['a']).changed(1, never)
  const gone = new AbortController()
  const left = announcements.listen(['a']).changed(HOUR, gone.signal)
  gone.abort()
  await left
  await announcements.listen(['a']).changed(HOUR, gone.signal)
  const last = announcements.listen(['a']).changed(HOUR, never)
  announcements.close()
  await last
  await announcements.listen(['a']).changed(HOUR, never)
})
