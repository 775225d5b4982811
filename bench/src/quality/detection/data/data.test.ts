import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { History } from '@adf/detectors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Missing } from '../../../suite.ts'
import { historyBefore, probationRows, shortTrainRows } from './protocol.ts'
import { caseSources } from './sources.ts'

let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'adf-bench-data-'))
})
afterEach(() => rmSync(data, { recursive: true }))

function put(path: string, text: string) {
  mkdirSync(dirname(join(data, path)), { recursive: true })
  writeFileSync(join(data, path), path.endsWith('.gz') ? gzipSync(text) : text)
}

const loaded = (name: string) => {
  const source = caseSources(data, false).find((one) => one.name === name)
  if (source === undefined) throw new Error(`no case ${name}`)
  return source.load()
}

describe('machines', () => {
  beforeEach(() => {
    put('smd/9-1.train.csv.gz', 'a,b\n1,2\n3,\n')
    const normal = Array.from({ length: 700 }, (_, i) => `${i},0.5,0`)
    put('smd/9-1.test.csv.gz', `a,b,label\n${[...normal, '7,8,1', '9,10,0'].join('\n')}\n`)
  })

  it('are read in both protocols, whichever there are', () => {
    expect(caseSources(data, false).map(({ name }) => name)).toEqual(['smd/9-1', 'smd-short/9-1'])
  })

  it('have the train part right before the test part, a minute a row, empty cells missing', () => {
    const { train, test, labels } = loaded('smd/9-1')
    expect([...train.values]).toEqual([1, 2, 3, Number.NaN])
    expect([...test.row(700)]).toEqual([7, 8])
    expect(labels.indexOf(1)).toBe(700)
    expect(test.timesMs[0]! - train.timesMs[1]!).toBe(60_000)
  })

  it('learn from the first rows of the test part in the short protocol', () => {
    const { train, test } = loaded('smd-short/9-1')
    expect(train.count).toBe(500)
    expect([...train.row(499)]).toEqual([...test.row(499)])
    expect(train.timesMs[499]).toBeLessThan(test.timesMs[0]!)
  })

  it.each([
    ['smd/9-1.test.csv.gz', 'a,b,label\n1,x,1\n', /9-1\.test\.csv\.gz:2: "x" is not a number/],
    ['smd/9-1.test.csv.gz', 'a,b,label\n1,2,0\n1,0\n', /9-1\.test\.csv\.gz:3: /],
    ['smd/9-1.test.csv.gz', 'a,b,label\n1,2,3\n', /:2: the label 3 is neither 0 nor 1/],
    ['smd/9-1.test.csv.gz', 'a,b\n1,2\n', /:1: the last column is not label/],
    ['smd/9-1.test.csv.gz', 'a,b,label\n', /no rows/],
    ['smd/9-1.train.csv.gz', 'a,c\n1,2\n', /columns a,c are not those of the test file, a,b/],
  ])('with a bad %s are refused: %j', (path, text, message) => {
    put(path, text)
    expect(() => loaded('smd/9-1')).toThrow(message)
  })

  it('without a labelled row are cases too: their cost can be told', () => {
    put('smd/9-1.test.csv.gz', 'a,b,label\n1,2,0\n')
    expect(loaded('smd/9-1').labels).toEqual(Uint8Array.of(0))
    expect(loaded('smd-short/9-1').train.count).toBe(1)
  })

  it('that are no gzip are refused', () => {
    writeFileSync(join(data, 'smd/9-1.test.csv.gz'), 'plain')
    expect(() => loaded('smd/9-1')).toThrow(/9-1\.test\.csv\.gz: /)
  })
})

describe('NAB', () => {
  const rows = Array.from({ length: 40 }, (_, i) => `2014-02-14 14:${String(i).padStart(2, '0')}:00,${i}`)
  const window = ['2014-02-14 14:20:00.000000', '2014-02-14 14:24:00.000000']
  beforeEach(() => {
    put('nab/group/one.csv', `timestamp,value\n${rows.join('\n')}\n`)
    put('nab/windows.json', JSON.stringify({ 'group/one.csv': [window] }))
  })

  it('is scored after its probation', () => {
    const { train, test, labels, offset, windows, means } = loaded('nab/group/one')
    expect([train.count, offset, test.count]).toEqual([6, 6, 34])
    expect(windows).toEqual([{ from: 20, to: 24 }])
    expect([labels.indexOf(1), labels.lastIndexOf(1)]).toEqual([14, 18])
    expect(test.values[0]).toBe(6)
    expect(means).toEqual(['nab', 'nab/group'])
  })

  it('has times that only go forward, as the clock of a detector', () => {
    put('nab/group/one.csv', `timestamp,value\n${[...rows, '2014-02-14 13:59:00,1'].join('\n')}\n`)
    const { test } = loaded('nab/group/one')
    expect(test.timesMs.at(-1)).toBe(test.timesMs.at(-2))
  })

  it.each([
    ['nab/windows.json', '{"group/one.csv": [["yesterday", "today"]]}', /"yesterday" is no time/],
    ['nab/windows.json', '{"group/one.csv": [["2014-02-14 14:20:30", "2014-02-14 14:24:00"]]}', /no row at/],
    ['nab/windows.json', '{"group/one.csv": 3}', /windows\.json/],
    ['nab/windows.json', '{', /windows\.json/],
    ['nab/windows.json', '{}', /group\/one\.csv is not named/],
    ['nab/group/one.csv', 'time,value\n1,2\n', /columns are not timestamp,value/],
    ['nab/group/one.csv', 'timestamp,value\nnever,2\n', /one\.csv:2: "never" is no time/],
  ])('with a bad %s is refused: %j', (path, text, message) => {
    put(path, text)
    expect(() => loaded('nab/group/one')).toThrow(message)
  })
})

it('says what is missing where there is no data', () => {
  expect(() => caseSources(data, false)).toThrow(Missing)
})

it('keeps two cases of each set when it is to be quick', () => {
  for (const id of ['1', '2', '10']) {
    put(`asd/${id}.train.csv.gz`, 'a\n1\n')
    put(`asd/${id}.test.csv.gz`, 'a,label\n1,1\n')
  }
  expect(caseSources(data, true).map(({ name }) => name)).toEqual([
    'asd/1',
    'asd/2',
    'asd-short/1',
    'asd-short/2',
  ])
})

describe('protocols', () => {
  const labels = (rows: number, first: number) => new Uint8Array(rows).fill(1, first, first + 3)

  it('short: up to 100 rows before the first anomaly, at most a quarter, at least 500', () => {
    expect(shortTrainRows(labels(10_000, 1000))).toBe(900)
    expect(shortTrainRows(labels(10_000, 9000))).toBe(2500)
    expect(shortTrainRows(labels(10_000, 200))).toBe(500)
    expect(shortTrainRows(labels(300, 200))).toBe(300)
  })

  it('short: history keeps hour and weekday', () => {
    const times = Float64Array.from({ length: 3000 }, (_, i) => i * 300_000)
    const before = historyBefore(new History(1, new Float64Array(3000), times), 2500)
    const week = 7 * 86_400_000
    expect(before.timesMs[0]! % week).toBe(-0)
    expect(before.timesMs.at(-1)).toBeLessThan(0)
    expect(before.timesMs.at(-1)).toBeGreaterThan(-week)
  })

  it('NAB: 15 % of the rows, never more than 750', () => {
    expect([probationRows(4032), probationRows(22_695)]).toEqual([604, 750])
  })
})
