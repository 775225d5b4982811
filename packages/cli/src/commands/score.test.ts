import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { normal, seeded } from '@adf/detectors'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createProgram, runProgram } from '../program/program.ts'
import { register } from './score.ts'

let folder = ''
let said = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adf-score-'))
  said = ''
  const keep = (text: unknown) => {
    said += String(text)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(keep)
  vi.spyOn(process.stderr, 'write').mockImplementation(keep)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** Two columns that move together and one by itself; `odd` changes rows. */
function table(
  rows: number,
  seed: number,
  odd: (row: number, values: number[]) => number[] = (_, v) => v,
  head = 'a,b,"c, d"',
): string {
  const rng = seeded(seed)
  const lines = Array.from({ length: rows }, (_, row) => {
    const a = 10 + normal(rng)
    return odd(row, [a, a + 0.1 * normal(rng), normal(rng)]).join(',')
  })
  return [head, ...lines, ''].join('\n')
}

async function score(train: string, test: string, ...more: string[]) {
  const out = join(folder, 'out.csv')
  const status = await runProgram(createProgram([register]), [
    'score',
    '--train',
    train,
    '--test',
    test,
    '--out',
    out,
    ...more,
  ])
  const rows =
    status === 0
      ? readFileSync(out, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => line.split(','))
      : []
  return { status, rows: rows.slice(1), head: rows[0]?.join(',') }
}

describe('adf score', () => {
  it('finds the odd rows and names their column', async () => {
    const train = file('train.csv.gz', gzipSync(table(1500, 1)))
    const test = file(
      'test.csv',
      table(400, 2, (row, [a, b, c]) => (row >= 300 && row < 310 ? [a!, b! + 8, c!] : [a!, b!, c!])),
    )
    const { status, rows, head } = await score(train, test)
    expect(status).toBe(0)
    expect(head).toBe('index,score,threshold,is_anomaly,type,top_feature')
    expect(rows).toHaveLength(400)
    expect(rows.map(([index]) => Number(index))).toEqual([...rows.keys()])
    expect(rows.slice(300, 310).every(([, , , anomaly]) => anomaly === '1')).toBe(true)
    expect(rows[302]!.slice(4)).toEqual(['point', 'b'])
    expect(rows.slice(0, 300).filter(([, , , anomaly]) => anomaly === '1').length).toBeLessThan(9)
  })

  it('scores a row by what came before it alone, and no label column', async () => {
    const train = file('train.csv', table(600, 1))
    const whole = await score(train, file('whole.csv', table(300, 2)))
    const cut = await score(train, file('cut.csv', table(300, 2).split('\n').slice(0, 151).join('\n')))
    expect(cut.rows).toEqual(whole.rows.slice(0, 150))
    const labelled = table(300, 2, (row, values) => [...values, row % 2], 'a,b,"c, d",label')
    expect((await score(train, file('labelled.csv', labelled))).rows).toEqual(whole.rows)
  })

  it.each(['robust', 'regression', 'majority', 'pca', 'k-means'])('--detector %s', async (name) => {
    const train = file('train.csv', table(600, 1))
    const test = file(
      'test.csv',
      table(150, 2, (row, [a, b, c]) => [a!, b!, row === 120 ? 1e3 : c!]),
    )
    const { rows } = await score(train, test, '--detector', name)
    const scores = rows.map(([, score]) => Number(score))
    expect(scores.every((value) => value >= 0 && value <= 1)).toBe(true)
    expect(scores.filter((other) => other > scores[120]!).length).toBeLessThan(2)
  })

  it('takes missing, constant, infinite and huge values', async () => {
    const strange = ['', 'nan', 'inf', '-1e308', '1e308', '0']
    const rows = (count: number) =>
      Array.from({ length: count }, (_, i) => `7,${strange[i % strange.length]},${i % 5},`)
    const text = (count: number) => ['a,b,c,d', ...rows(count), ''].join('\n')
    const { status, rows: scored } = await score(file('train.csv', text(300)), file('test.csv', text(100)))
    expect(status).toBe(0)
    expect(scored.every(([, value]) => Number(value) >= 0 && Number(value) <= 1)).toBe(true)
  })

  it('a univariate series with times', async () => {
    const rng = seeded(3)
    const series = (from: number, count: number, spike: number) =>
      [
        'timestamp,value',
        ...Array.from(
          { length: count },
          (_, i) =>
            `${new Date(1.7e12 + (from + i) * 300_000).toISOString()},${i === spike ? 900 : 100 + normal(rng)}`,
        ),
        '',
      ].join('\n')
    const { rows } = await score(
      file('train.csv', series(0, 500, -1)),
      file('test.csv', series(500, 100, 60)),
    )
    expect(rows[60]!.slice(3)).toEqual(['1', 'point', 'value'])
  })

  it('knows the features of a stream, and what is harmless', async () => {
    const rng = seeded(5)
    const rows = (count: number, odd: (row: number) => readonly [number, number]) =>
      [
        'latency_p95,memory_usage_percent',
        ...Array.from({ length: count }, (_, row) => {
          const [factor, more] = odd(row)
          return `${factor * (100 + 5 * normal(rng))},${40 + 0.002 * normal(rng) + more}`
        }),
        '',
      ].join('\n')
    const train = file(
      'train.csv',
      rows(600, () => [1, 0]),
    )
    const changes: Readonly<Record<number, readonly [number, number]>> = {
      50: [0.3, 0],
      100: [3, 0],
      150: [1, 0.02],
      190: [1, 56],
    }
    const test = file(
      'test.csv',
      rows(200, (row) => changes[row] ?? [1, 0]),
    )
    const flagged = async (...more: string[]) => {
      const { rows } = await score(train, test, ...more)
      return [50, 100, 150, 190].map((row) => rows[row]![3]).join('')
    }
    // Faster is harmless, a fiftieth of a percentage point of memory is nothing, and 96 % is over the limit of a host.
    expect(await flagged()).toBe('1111')
    expect(await flagged('--stream', 'service')).toBe('0101')
    expect(await flagged('--stream', 'host')).toBe('0101')
    expect(
      (
        await score(
          train,
          file(
            'same.csv',
            rows(120, () => [1, 56]),
          ),
          '--stream',
          'host',
        )
      ).rows.every(([, value]) => Number(value) >= 0.95),
    ).toBe(true)
    expect((await score(file('a.csv', good), file('b.csv', good), '--stream', 'host')).status).toBe(2)
    expect(said).toContain('a.csv:1: a is no feature of the stream host')
  })

  it('leaves out the type beside the label, and names anomalies', async () => {
    const rng = seeded(6)
    const rows = (count: number, kind: (row: number) => string) =>
      [
        'a,b,label,type',
        ...Array.from({ length: count }, (_, row) => {
          const type = kind(row)
          const values = [normal(rng), normal(rng)].map((value) =>
            type === 'collective' ? value / 100 : value,
          )
          if (type === 'point') values[0] = 50
          return [...values, type === '' ? 0 : 1, type].join(',')
        }),
        '',
      ].join('\n')
    const truth = (row: number) => (row === 50 ? 'point' : row >= 100 && row < 112 ? 'collective' : '')
    const { rows: scored } = await score(
      file(
        'train.csv',
        rows(1500, () => ''),
      ),
      file('test.csv', rows(200, truth)),
    )
    expect(scored[50]![4]).toBe('point')
    expect(scored[111]![4]).toBe('collective')
    expect(scored[90]![4]).toBe('')
  })

  it('goes on at the same hour of the week when the times of both files overlap', async () => {
    const rng = seeded(7)
    const rows = (days: number, more: (row: number) => number) =>
      [
        'timestamp,value',
        ...Array.from({ length: days * 288 }, (_, row) => {
          const season = 20 * Math.sin((2 * Math.PI * row) / 288)
          return `${Date.UTC(2026, 0, 5) + row * 300_000},${50 + season + normal(rng) + more(row)}`
        }),
        '',
      ].join('\n')
    const { rows: scored } = await score(
      file(
        'train.csv',
        rows(10, () => 0),
      ),
      // At its lowest, what is usual at its highest.
      file(
        'test.csv',
        rows(1, (row) => (row === 216 ? 40 : 0)),
      ),
      '--detector',
      'seasonal',
    )
    expect(scored.map(([, , , anomaly]) => anomaly).indexOf('1')).toBe(216)
  })

  const good = table(300, 1)
  const bad: [string, string, string, string][] = [
    [
      'a cell that is no number',
      good,
      table(200, 2).replace(/\n[^\n]*\n/, '\n1,x,2\n'),
      'test.csv:2: b is "x", expected a number',
    ],
    ['a ragged row', good, `${table(200, 2)}1,2\n`, 'test.csv:202: Invalid Record Length'],
    ['an empty file', good, '', 'test.csv: holds no rows of numbers'],
    ['a header alone', 'a,b\n', good, 'train.csv: holds no rows of numbers'],
    ['too few rows to learn from', table(99, 1), good, 'train.csv: holds 99 rows; 100 are needed'],
    ['another column', good, table(200, 2, undefined, 'a,b,e'), 'test.csv:1: has no column c, d'],
    [
      'one column more',
      good,
      table(200, 2, (_, v) => [...v, 1], 'a,b,"c, d",e'),
      'test.csv:1: has the column e',
    ],
    ['columns in another order', good, table(200, 2, undefined, 'b,a,"c, d"'), 'in another order, from a on'],
    [
      'times that go back',
      good,
      table(200, 2, (row, v) => [...v, row === 50 ? 0 : row], 'a,b,"c, d",time'),
      'test.csv:52: goes back in time',
    ],
  ]
  it.each(bad)('refuses %s', async (_, train, test, message) => {
    const { status } = await score(file('train.csv', train), file('test.csv', test))
    expect(status).toBe(2)
    expect(said).toContain(message)
  })

  it('refuses files that are not there, and a detector that it does not know', async () => {
    expect((await score(join(folder, 'no.csv'), file('test.csv', good))).status).toBe(2)
    expect(said).toContain('no.csv: cannot be read')
    expect(
      (await score(file('train.csv', good), file('test.csv', good), '--detector', 'oracle')).status,
    ).toBe(2)
    expect(said).toContain('not one of panel, ensemble, majority')
  })

  it('says when it cannot write', async () => {
    const out = join(folder, 'no', 'folder', 'out.csv')
    const path = file('train.csv', good)
    expect(
      await runProgram(createProgram([register]), ['score', '--train', path, '--test', path, '--out', out]),
    ).toBe(2)
    expect(said).toContain('cannot be written')
  })
})
