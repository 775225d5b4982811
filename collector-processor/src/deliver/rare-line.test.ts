import { expect, it } from 'vitest'
import { RareLine } from './rare-line.ts'

it('comes at once, then once a minute with what happened since', () => {
  let nowMs = 1_000_000
  const line = new RareLine(() => nowMs)
  expect(line.due()).toBe(1)
  expect(line.due()).toBe(0)
  nowMs += 59_999
  expect(line.due(3)).toBe(0)
  nowMs += 1
  expect(line.due()).toBe(5)
  nowMs += 60_000
  expect(line.due()).toBe(1)
})

it('is not silenced by a clock that was set back', () => {
  let nowMs = 1_000_000_000
  const line = new RareLine(() => nowMs)
  line.due()
  nowMs = 0
  expect(line.due()).toBe(1)
})
