import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Incident } from '@adf/contract'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { otlpMinute } from '../files/testing/otlp-lines.ts'
import { runAdf } from '../program/adf.test-program.ts'
import { startAdf } from '../program/adf-up.test-program.ts'
import { createProgram, runProgram } from '../program/program.ts'
import type { SessionResult } from '../replay/session.ts'
import { register } from './replay.ts'

const START = Date.parse('2026-03-01T03:00:00Z')
const MINUTE = 60_000

const folder = mkdtempSync(join(tmpdir(), 'adf-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

/** Runs the command in this process: a process of its own takes a second to start. */
async function run(...args: string[]) {
  const written = { out: '', err: '' }
  const capture = (stream: NodeJS.WriteStream, to: 'out' | 'err') =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written[to] += String(text)
      return true
    })
  const spies = [capture(process.stdout, 'out'), capture(process.stderr, 'err')]
  try {
    return { status: await runProgram(createProgram([register]), ['replay', ...args]), ...written }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

async function replay(...args: string[]): Promise<SessionResult> {
  const played = await run('--json', ...args)
  expect(played).toMatchObject({ status: 0 })
  return JSON.parse(played.out)
}

/** Minutes of one request a second; `cart` takes 20 ms, or what is said. */
const minutes = (count: number, { from = 0, cartMs = 20 } = {}) =>
  Array.from({ length: count }, (_, i) => otlpMinute(START + (from + i) * MINUTE, cartMs)).flat()
const slowCart = () => [...minutes(6), ...minutes(1, { from: 6, cartMs: 400 })]

describe('a recorded fault', () => {
  it('becomes an incident whose first cause is the service at fault, with the time of the data', async () => {
    const path = file('slow-cart.jsonl', slowCart().join('\n'))
    const { summary, incidents, anomalies } = await replay(path)
    expect(summary).toMatchObject({ files: 1, spans: 7 * 180, incidents: 1, rejected: 0, out_of_order: 0 })
    expect(anomalies).toBeGreaterThan(5)
    const [incident] = incidents.map((one) => Incident.parse(one))
    expect(incident?.causes[0]?.service).toBe('cart')
    const opened = Date.parse(incident?.opened_at ?? '')
    expect(opened).toBeGreaterThan(START + 6 * MINUTE)
    expect(opened).toBeLessThan(START + 6 * MINUTE + 15_000)
  })

  it('is told the same way each time, ids included, and by other ids for another seed', async () => {
    const path = file('again.jsonl.gz', gzipSync(slowCart().join('\n')))
    const [first, second, other] = [await replay(path), await replay(path), await replay(path, '--seed', '2')]
    expect(second.incidents).toEqual(first.incidents)
    expect(other.incidents.map(({ id }) => id)).not.toEqual(first.incidents.map(({ id }) => id))
    expect(other.incidents[0]?.causes).toEqual(first.incidents[0]?.causes)
  })

  it('is the same from a folder of files that overlap, beside files that hold no telemetry', async () => {
    const lines = slowCart()
    file('split/a.jsonl', lines.filter((_, i) => i % 2 === 0).join('\n'))
    file('split/deep/b.jsonl.gz', gzipSync(lines.filter((_, i) => i % 2 === 1).join('\n')))
    file('split/README.md', '# a recording\n')
    const played = await run('--json', join(folder, 'split'))
    expect(played.err).toContain('README.md: no telemetry is known here; left')
    const split: SessionResult = JSON.parse(played.out)
    const whole = await replay(file('whole.jsonl', lines.join('\n')))
    expect(split.summary).toMatchObject({ files: 2, files_left: 1, spans: 7 * 180 })
    expect(split.incidents.map(({ causes }) => causes)).toEqual(whole.incidents.map(({ causes }) => causes))
  })

  it('is told line by line for people', async () => {
    const run = await runAdf(['replay', file('text.jsonl', slowCart().join('\n')), '--top', '1'])
    expect(run.status).toBe(0)
    expect(run.out).toMatch(/2026-03-01 03:06:\d\dZ {2}opened {4}[0-9a-f]{8} {2}cart is the probable cause/)
    expect(run.out).toMatch(/1\. cart {2}\d+ %/)
    expect(run.out).toMatch(/1260 spans, 0 metric points, 0 log records, 0 rows/)
  })

  it('is served by adf up from the store that it was written to', async () => {
    const store = join(folder, 'served/adf.db')
    const path = file('served.jsonl', slowCart().join('\n'))
    const { incidents, anomalies } = await replay(path, '--store', store)
    const adf = await startAdf(join(folder, 'served'), ['store.retention=36500d'])
    try {
      const served = await (await fetch(`${adf.url}/api/incidents`)).json()
      expect(served).toMatchObject({ items: [{ id: incidents[0]?.id, services: incidents[0]?.services }] })
      const stats = await (await fetch(`${adf.url}/api/stats`)).json()
      expect(stats).toMatchObject({ anomalies: { total: anomalies } })
    } finally {
      await adf.stop()
    }
  })
})

describe('a store that adf up has', () => {
  it('is left alone: the replay names the process and what to do', async () => {
    const served = join(folder, 'taken')
    const adf = await startAdf(served)
    const path = file('taken.jsonl', slowCart().join('\n'))
    try {
      const run = await runAdf(['replay', path, '--store', join(served, 'adf.db')])
      expect(run).toMatchObject({ status: 1, out: '' })
      expect(run.err).toMatch(/adf\.db is in use by another adf, pid \d+; stop that one/)
      const stats = await (await fetch(`${adf.url}/api/stats`)).json()
      expect(stats).toMatchObject({ anomalies: { total: 0 } })
    } finally {
      await adf.stop()
    }
  })
})

describe('a hole in a recording', () => {
  it('is no outage, and is passed over', async () => {
    const path = file('hole.jsonl', [...minutes(6), ...minutes(3, { from: 60 })].join('\n'))
    const { summary } = await replay(path)
    expect(summary).toMatchObject({ spans: 9 * 180, anomalies: 0, incidents: 0 })
    expect(summary.skipped_seconds).toBeGreaterThan(50 * 60)
  })

  it('is silence when --gap says that all was recorded', async () => {
    const path = file('silence.jsonl', [...minutes(6), ...minutes(3, { from: 9 })].join('\n'))
    const [hole, silence] = [await replay(path), await replay(path, '--gap', '1h')]
    // The windows of two services, once a second for three minutes.
    expect(silence.summary.vectors).toBeGreaterThan(hole.summary.vectors + 300)
  })
})

describe('a folder of CSV by pods', () => {
  const pod = 'cart-579f59597d-wc2lz'
  const seconds = (minute: number) => (START + minute * MINUTE) / 1000

  it('gives spans, metrics of the pods and logs', async () => {
    const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
    const spans = Array.from({ length: 60 }, (_, i) =>
      [
        hex(i + 1, 32),
        hex(1, 16),
        '',
        pod,
        'GET /',
        `${seconds(0) + i}000000000`,
        `${seconds(0) + i}020000000`,
      ].join(','),
    )
    const spanHeader = 'trace_id,span_id,parent_id,pod,operation,start_unix_nano,end_unix_nano'
    file('pods/traces/1.csv.gz', gzipSync([spanHeader, ...spans.toReversed()].join('\n')))
    const rows = Array.from({ length: 40 }, (_, i) => {
      const cpu = i >= 36 ? 80 : 5 + (i % 3) / 10
      return `${seconds(i)},${pod},${cpu},${12 + (i % 2) / 10},900,1800`
    })
    const header =
      'TimeStamp,PodName,CpuUsageRate(%),MemoryUsageRate(%),NetworkReceiveBytes,NetworkTransmitBytes'
    file('pods/metrics/cart.csv', [header, ...rows].join('\n'))
    const log = `${seconds(0) + 3}000000000,${hex(4, 32)},${hex(1, 16)},${pod},"{""severity"": ""ERROR""}"`
    file('pods/logs/1.csv', `time_unix_nano,trace_id,span_id,pod,body\n${log}\n`)
    const { summary, incidents } = await replay(join(folder, 'pods'), '--set', 'edge.detection.warm_up=20')
    expect(summary).toMatchObject({ files: 3, spans: 60, points: 160, records: 1, out_of_order: 0 })
    expect(incidents).toHaveLength(1)
    expect(incidents[0]?.causes[0]?.service).toBe('cart')
    expect(incidents[0]?.causes[0]?.evidence[0]?.text).toMatch(/^cpu_usage_percent is 80 %/)
  })
})

describe('a table of numbers', () => {
  const noise = (i: number) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1
  const table = (rows: number, spike: number) =>
    [
      'f0,CPU (%),label,type',
      ...Array.from({ length: rows }, (_, i) =>
        [noise(i), i >= spike && i < spike + 20 ? 99 : 10 + noise(i + 0.5), i % 2, i % 2 ? 'point' : ''].join(
          ',',
        ),
      ),
    ].join('\n')

  it('is an entity of its own, with columns for features and without its labels', async () => {
    const path = file('machine-1.csv', table(400, 300))
    const { summary, incidents } = await replay(path)
    expect(summary).toMatchObject({ rows: 400, vectors: 400, scored: 200, incidents: 1 })
    expect(incidents[0]?.title).toMatch(/machine-1.*cpu is 99/)
    expect(incidents[0]?.started_at).toBe('2000-01-01T05:00:00.000Z')
  })

  it('has the time of its own column', async () => {
    const rows = Array.from(
      { length: 320 },
      (_, i) =>
        `${new Date(START + i * MINUTE).toISOString().slice(0, 19).replace('T', ' ')},${i >= 300 ? 99 : i % 5}`,
    )
    const { incidents } = await replay(file('load.csv', ['timestamp,value', ...rows].join('\n')))
    expect(incidents[0]?.started_at).toBe(new Date(START + 300 * MINUTE).toISOString())
  })

  it.each([
    ['1,2\n3,x', ':3: b is "x", expected a number'],
    ['1,2\n3', ':3: Invalid Record Length'],
  ])('with a bad row names file and line: %j', async (rows, message) => {
    const path = file('bad.csv', `a,b\n${rows}\n`)
    const played = await run(path)
    expect(played.status).toBe(2)
    expect(played.err).toContain(`${path}${message}`)
  })
})

describe('what cannot be played', () => {
  const [line = ''] = otlpMinute(START, 20)
  it.each([
    ['cut.jsonl', `${line}\n${line.slice(0, 99)}\n`, ':2: '],
    ['other.jsonl', `${line}\n{"a":1}\n`, ':2: no OTLP JSON'],
    ['wrong.jsonl', `${line}\n${line.replace(/"traceId":"\w+"/, '"traceId":"xyz"')}\n`, ':2: no OTLP JSON'],
    ['notes.txt', 'hello\n', ':1: no telemetry is known here'],
    ['cut.jsonl.gz', gzipSync(slowCart().join('\n')).subarray(0, 500), ':4: cannot be read further'],
    ['jaeger.json', '{"data":[{"spans":[{}]}]}\n', ':1: no Jaeger JSON'],
  ])('%s: a clear error, exit status 2', async (name, content, message) => {
    const path = file(`bad/${name}`, content)
    const played = await run(path)
    expect(played).toMatchObject({ status: 2 })
    expect(played.err).toContain(`${path}${message}`)
  })

  it('a file that is not there, and a folder without telemetry', async () => {
    const missing = await run(join(folder, 'nowhere.jsonl'))
    expect(missing).toMatchObject({ status: 2 })
    expect(missing.err).toContain('nowhere.jsonl: cannot be read')
    file('empty/faults.json', '{\n}\n')
    const nothing = await run(join(folder, 'empty'))
    expect(nothing).toMatchObject({ status: 2 })
    expect(nothing.err).toContain('nothing to play')
  })
})

it('at a speed of N, a second of the recording lasts 1/N second', async () => {
  const path = file('short.jsonl', minutes(1).slice(0, 20).join('\n'))
  const { summary } = await replay(path, '--speed', '40')
  expect(summary.seconds).toBeGreaterThan(0.47)
})
