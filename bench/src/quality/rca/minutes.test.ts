import { expect, test } from 'vitest'
import { minuteStart, type NezhaSet } from '../nezha-set.ts'
import { minutesOf } from './minutes.ts'

const files = (folder: string, ...minutes: string[]) =>
  new Map(minutes.map((minute) => [minute, `${folder}/${minute}.csv`]))
const set: NezhaSet = {
  name: 'nezha-x',
  traces: files('traces', '2022-08-22T03-53', '2022-08-22T03-54', '2022-08-23T12-01'),
  logs: files('logs', '2022-08-22T03-54', '2022-08-22T03-55'),
  faultFree: {
    traces: files('free', '2022-08-22T01-00', '2022-08-23T17-00', '2022-08-23T17-01'),
    logs: files('free-logs', '2022-08-23T17-01'),
  },
  metrics: [],
  faults: [],
}

test('a day begins with its minutes without faults, whenever they were recorded', () => {
  const minutes = minutesOf(set)
  expect(minutes.map(({ name }) => name)).toEqual([
    '2022-08-22T01-00',
    '2022-08-22T03-53',
    '2022-08-22T03-54',
    '2022-08-22T03-55',
    '2022-08-23T17-00',
    '2022-08-23T17-01',
    '2022-08-23T12-01',
  ])
  const starts = minutes.map(({ name, shiftMs }) => minuteStart(name) + shiftMs)
  expect(starts).toEqual(starts.toSorted((a, b) => a - b))
  expect(new Date(starts[4] ?? 0).toISOString()).toBe('2022-08-23T11:58:00.000Z')
  expect(minutes[0]?.shiftMs).toBe(0)
  expect(minutes[5]).toMatchObject({
    traces: 'free/2022-08-23T17-01.csv',
    logs: 'free-logs/2022-08-23T17-01.csv',
  })
})
