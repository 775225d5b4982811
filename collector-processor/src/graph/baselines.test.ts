import { expect, it } from 'vitest'
import { Baselines } from './baselines.ts'

const learned = (values: readonly number[]) => {
  const baselines = new Baselines({ relative: 0.1, absolute: 0.5 })
  for (const value of values) baselines.learn(3, value)
  return baselines
}
const steady = Array.from({ length: 60 }, (_, at) => 20 + (at % 3))

it('suspects whatever it does not know yet', () => {
  expect(learned(steady.slice(0, 5)).suspects(3, 21, 6)).toBe(true)
  expect(learned(steady).suspects(70, 21, 6)).toBe(true)
})

it('does not suspect what is within noise and floors, and suspects what a finding would be made of', () => {
  const baselines = learned(steady)
  expect(baselines.suspects(3, 22.5, 6)).toBe(false)
  // 3 floors are what a finding takes at least
  expect(baselines.suspects(3, 21 + 3 * (0.1 * 21 + 0.5), 1)).toBe(true)
  expect(baselines.suspects(3, 21 - 3 * (0.1 * 21 + 0.5), 1)).toBe(true)
})

it('is moved little by a minute of trouble', () => {
  const baselines = learned([...steady, ...Array.from({ length: 12 }, () => 500)])
  expect(baselines.suspects(3, 500, 12)).toBe(true)
  expect(baselines.suspects(3, 21, 12)).toBe(false)
})

it('follows a lasting change', () => {
  const baselines = learned([...steady, ...Array.from({ length: 2000 }, () => 40)])
  expect(baselines.suspects(3, 40, 12)).toBe(false)
})

it('knows nothing of a number that was given to another', () => {
  const baselines = learned(steady)
  baselines.forget(3)
  expect(baselines.suspects(3, 21, 6)).toBe(true)
})
