import { describe, expect, it } from 'vitest'
import { BOUNDS } from '../../bounds.ts'
import { Reader } from '../../evidence/reader.ts'
import { judgedWeek, NOISY } from '../../history.test-data.ts'
import { Q_LEARNING, QLearningPolicy } from './policy.ts'
import { STATES } from './state.ts'
import { QTable } from './table.ts'
import { rewardOf, warmStart } from './warm-start.ts'

const WEEK = 7 * 1440
const state = (name: string) => STATES.indexOf(name)

it('has twelve states', () => expect(new Set(STATES).size).toBe(12))

describe('the table', () => {
  it('learns by the rule of Watkins', () => {
    const table = new QTable()
    const [here, next] = [state('up/strong/calm'), state('up/weak/calm')]
    const before = table.value(here, 'up')
    const ahead = table.value(next, table.best(next))
    table.update(here, 'up', 0.6, next, 0.1, 0.5)
    expect(table.value(here, 'up')).toBeCloseTo(before + 0.1 * (0.6 + 0.5 * ahead - before))
  })

  it('stops acting on a pull that never comes true', () => {
    const table = new QTable()
    const here = state('up/weak/calm')
    const settled = state('none/weak/calm')
    expect(table.best(here)).toBe('up')
    for (let i = 0; i < 30; i++) table.update(here, 'up', -0.2, settled, 0.1, 0.5)
    expect(table.best(here)).toBe('none')
  })

  it('goes on with a move that is worth less than it promised, but still something', () => {
    const table = new QTable()
    const here = state('up/strong/calm')
    for (let i = 0; i < 20; i++) table.update(here, 'up', 0.7, here, 0.1, 0.5)
    for (let i = 0; i < 40; i++) table.update(here, 'up', 0.01, here, 0.1, 0.5)
    expect(table.best(here)).toBe('up')
    expect(table.value(here, 'none')).toBe(0)
  })

  it('takes staying as worth nothing from a table that was saved with a value for it', () => {
    const length = STATES.length * 3
    const table = QTable.read({ values: Array(length).fill(0.4), visits: Array(length).fill(1) })
    expect(table?.best(state('up/strong/calm'))).toBe('up')
    expect(table?.value(state('up/strong/calm'), 'none')).toBe(0)
  })

  it('is taught by replay what raising is worth', () => {
    const table = new QTable()
    const learning = { rate: 0.1, gamma: 0.5, stepCost: 0.005, caution: 0.25 }
    const company = [judgedWeek('a', NOISY.toSorted(), 1), judgedWeek('b', [...NOISY].reverse(), 1)]
    const before = table.value(state('up/strong/calm'), 'down')
    warmStart(table, company, WEEK, new Reader(), BOUNDS, learning)
    expect(table.best(state('up/strong/calm'))).toBe('up')
    expect(table.value(state('up/strong/calm'), 'down')).not.toBe(before)
  })
})

it('rewards are clipped, and a step costs a little', () => {
  expect(rewardOf(-7, 0.005)).toBeCloseTo(0.995)
  expect(rewardOf(7, 0.005)).toBeCloseTo(-1.005)
})

it('learns from what came of a step that was made, and not from one that was not', () => {
  const history = judgedWeek('a', NOISY, 1)
  const learned = (threshold: number) => {
    const policy = new QLearningPolicy({ ...Q_LEARNING, epsilon: 0 }, BOUNDS, new Reader())
    const base = { history, company: [history], burn: 0 }
    policy.propose({ ...base, threshold: 0.8, nowMinute: 5000 })
    const before = JSON.stringify(policy.save())
    policy.propose({ ...base, threshold, nowMinute: WEEK })
    const values = (saved: string) => saved.slice(0, saved.indexOf('visits'))
    return values(JSON.stringify(policy.save())) !== values(before)
  }
  expect(learned(0.85)).toBe(true)
  expect(learned(0.8)).toBe(false)
})
