import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { normal, seeded } from '@adf/detectors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Row } from '../../suite.ts'
import type { Contestant } from './contestant.ts'
import { runDetection } from './detection.ts'
import { ownContestants } from './subjects/own.ts'

let data: string
const said: string[] = []
const adf = ownContestants().filter(({ name }) => name === 'adf')

/** A program in place of a peer. */
const program = (name: string, text: string): Contestant => ({
  name,
  command: process.execPath,
  argv: () => ['-e', text],
  peer: true,
})

const run = (contestants: readonly Contestant[], out?: string) =>
  runDetection(
    { data, out, quick: false, peers: false, minutes: undefined, progress: (text) => said.push(text) },
    contestants,
  )

const adfValue = (rows: readonly Row[], name: string, measure: string) =>
  rows.find((row) => row.case === name && row.measure === measure && row.subject === 'adf')?.value

beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'adf-bench-detection-'))
  const rng = seeded(3)
  const row = (change: number) => {
    const load = normal(rng)
    return `${load + 0.3 * normal(rng)},${load + 0.3 * normal(rng) + change},${normal(rng)}`
  }
  const lines = (count: number, first: number, label: boolean) =>
    Array.from({ length: count }, (_, i) => {
      const wrong = i >= first && i < first + 40
      return `${row(wrong ? 9 : 0)}${label ? `,${Number(wrong)}` : ''}`
    }).join('\n')
  mkdirSync(join(data, 'asd'))
  writeFileSync(join(data, 'asd/1.train.csv.gz'), gzipSync(`a,b,c\n${lines(1500, 9999, false)}\n`))
  writeFileSync(join(data, 'asd/1.test.csv.gz'), gzipSync(`a,b,c,label\n${lines(1200, 900, true)}\n`))
  mkdirSync(join(data, 'nab/group'), { recursive: true })
  const time = (i: number) =>
    new Date(Date.UTC(2020, 0, 1) + i * 300_000).toISOString().slice(0, 19).replace('T', ' ')
  const values = Array.from(
    { length: 1500 },
    (_, i) => `${time(i)},${50 + normal(rng) + (i >= 1210 && i < 1230 ? 30 : 0)}`,
  )
  writeFileSync(join(data, 'nab/group/one.csv'), `timestamp,value\n${values.join('\n')}\n`)
  const windows = { 'group/one.csv': [[`${time(1200)}.000000`, `${time(1260)}.000000`]] }
  writeFileSync(join(data, 'nab/windows.json'), JSON.stringify(windows))
})
afterAll(() => rmSync(data, { recursive: true }))

describe('the detection benchmark', () => {
  it('scores, judges and keeps what it scored', async () => {
    const out = join(data, 'out')
    const rows = await run(adf, out)
    for (const name of ['asd:mean', 'asd-short:mean']) {
      expect(adfValue(rows, name, 'vus_pr')).toBeGreaterThan(0.7)
      expect(adfValue(rows, name, 'f1_label_free')).toBeGreaterThan(0.5)
      for (const measure of ['auc_pr', 'f1_best', 'f1_event', 'f1_affiliation'])
        expect(adfValue(rows, name, measure)).toBeGreaterThan(0.5)
      expect(adfValue(rows, name, 'cpu_s')).toBeGreaterThan(0)
      expect(adfValue(rows, name, 'rss_mb')).toBeGreaterThan(20)
    }
    for (const name of ['nab/group/one', 'nab/group:mean', 'nab:mean'])
      expect(adfValue(rows, name, 'nab_standard')).toBeGreaterThan(60)
    const raw = readFileSync(join(out, 'asd/1.adf.csv'), 'utf8').trim().split('\n')
    expect(raw).toHaveLength(1201)
    expect(raw[0]).toBe('index,score,threshold,is_anomaly')
    const flagged = raw
      .slice(1)
      .filter((line) => line.endsWith(',1'))
      .map((line) => Number(line.split(',')[0]))
    expect(flagged.filter((index) => index >= 900 && index < 955).length).toBeGreaterThan(20)
    const univariate = readFileSync(join(out, 'nab/group/one.adf.csv'), 'utf8').trim().split('\n')
    expect(univariate).toHaveLength(1501)
    expect(univariate[1]).toMatch(/^0,0,[\d.]+,0$/)
  })

  it('goes on without a peer that is not installed, or fails, and says so', async () => {
    said.length = 0
    const rows = await run([
      program('absent', 'console.log(JSON.stringify({ missing: "no torch" })); process.exitCode = 3'),
      program('broken', 'console.error("out of memory"); process.exitCode = 1'),
      program('chatty', 'console.log("hello")'),
      { name: 'nowhere', command: '/nonexistent/python', argv: () => [], peer: true },
    ])
    expect(rows.map((row) => [row.case, row.subject])).toEqual([
      ['left_out', 'absent'],
      ['left_out', 'broken'],
      ['left_out', 'chatty'],
      ['left_out', 'nowhere'],
    ])
    expect(said.join('\n')).toMatch(/absent left out: no torch; .*requirements\.txt/)
    expect(said.join('\n')).toMatch(/broken left out: .*out of memory/)
  })

  it('fails when one of our own does', async () => {
    await expect(run([{ ...program('ours', 'process.exitCode = 1'), peer: false }])).rejects.toThrow(
      /ended with 1/,
    )
  })
})
