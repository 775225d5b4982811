import { expect, it } from 'vitest'
import { conditionsBetween, describeMachine, timeIn } from './machine.ts'

it('reads the time of all CPUs', () => {
  const stat = 'cpu  100 0 50 800 20 5 5 20 7 0\ncpu0 50 0 25 400 10 2 3 10 0 0\n'
  expect(timeIn(stat)).toEqual({ all: 1000, idle: 820, stolen: 20 })
})

it('tells what was idle and taken away between two moments', () => {
  const begin = { all: 1000, idle: 820, stolen: 20 }
  expect(conditionsBetween(begin, { all: 2000, idle: 1220, stolen: 50 })).toBe(
    'CPUs idle 40 % of the time, the host took 3 %',
  )
  expect(conditionsBetween(begin, begin)).toBeUndefined()
  expect(conditionsBetween(undefined, begin)).toBeUndefined()
})

it('describes the machine in a line, without its name', () => {
  expect(describeMachine()).toMatch(/^\d+ virtual CPUs \(.+\), \d+ GB, .+, Node \d+\.\d+\.\d+$/)
})
