import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Result, readResults, resultRows, writeResult } from './result.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adf-results-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const result: Result = {
  command: 'npm run bench -- speed --only graph',
  date: '2026-03-01',
  commit: 'abc1234',
  machine: 'one core',
  runs: 2,
  rows: resultRows([
    { suite: 'speed', case: 'a', subject: 'adf', measure: 'ms', value: 1.5, min: 1, max: 2 },
    { suite: 'speed', case: 'a', subject: 'adf', measure: 'epsilon', value: Number.POSITIVE_INFINITY },
  ]),
}

it('comes back as it was written, what is not finite as null', () => {
  writeResult(folder, 'speed-graph', result)
  const [[name, read] = []] = readResults(folder)
  expect(name).toBe('speed-graph')
  expect(read).toEqual(result)
  expect(read?.rows[1]?.value).toBeNull()
})

it('names the file and the fault of one that cannot be read', () => {
  writeFileSync(join(folder, 'bad.json'), JSON.stringify({ ...result, runs: 0 }))
  expect(() => readResults(folder)).toThrow(/bad\.json: .*runs/s)
})
