import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Graph, Ranking } from '@adf/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { otlpMinute } from '../files/testing/otlp-lines.ts'
import { createProgram, runProgram } from '../program/program.ts'
import { register as graph } from './graph.ts'
import { register as rca } from './rca.ts'

const START = Date.parse('2026-03-01T03:00:00Z')
const MINUTE = 60_000

let folder = ''
let out = ''
let remarks = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adf-rca-'))
  out = ''
  remarks = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    remarks += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const adf = (...args: string[]) => runProgram(createProgram([rca, graph]), args)
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
/** Four quiet minutes and a slow one, as OTLP JSON lines. */
const slowCart = () =>
  [0, 1, 2, 3, 4].flatMap((i) => otlpMinute(START + i * MINUTE, i === 4 ? 300 : 20)).join('\n')

/** The same as CSV in Nezha's layout, without kinds. */
function slowCartCsv(): string {
  const rows = ['trace_id,span_id,parent_id,pod,operation,start_unix_nano,end_unix_nano']
  for (let second = 0; second < 300; second++) {
    const [at, ms] = [START + second * 1000, second < 240 ? 20 : 300]
    const trace = (second + 1).toString(16).padStart(32, '0')
    const row = (id: number, parent: string, pod: string, name: string, from: number, to: number) =>
      rows.push(
        [
          trace,
          id.toString(16).padStart(16, '0'),
          parent,
          pod,
          name,
          `${at + from}000000`,
          `${at + to}000000`,
        ].join(','),
      )
    row(1, '', 'web-6f9c7bd5c4-x2b9k', 'GET /', 0, ms + 8)
    row(2, '0000000000000001', 'web-6f9c7bd5c4-x2b9k', 'call', 3, ms + 5)
    row(3, '0000000000000002', 'cart-service-75c4b8d9f6-abcde', 'GET /cart', 4, ms + 4)
  }
  return rows.join('\n')
}

describe('adf rca', () => {
  it('prints the ranking as JSON, from OTLP lines, gzipped or not', async () => {
    const at = new Date(START + 5 * MINUTE).toISOString()
    for (const path of [file('a.json', slowCart()), file('a.json.gz', gzipSync(slowCart()))]) {
      out = ''
      expect(await adf('rca', '--traces', path, '--at', at, '--window', '1m', '--json')).toBe(0)
      const ranking = Ranking.parse(JSON.parse(out))
      expect(Object.keys(ranking)).toEqual(['at', 'causes', 'none', 'suffering', 'comparators'])
      expect(ranking.at).toBe(at)
      expect(ranking.causes[0]?.service).toBe('cart')
      expect(ranking.causes[0]?.evidence[0]?.text).toContain('exclusive time of GET /cart is 301 ms')
    }
  })

  it('reads CSV of pods and looks at nothing after --at', async () => {
    const path = file('t.csv', slowCartCsv())
    const slow = new Date(START + 5 * MINUTE).toISOString()
    expect(await adf('rca', '--traces', path, '--at', slow, '--window', '1m', '--json')).toBe(0)
    expect(Ranking.parse(JSON.parse(out)).causes[0]?.service).toBe('cart-service')
    out = ''
    const quiet = new Date(START + 4 * MINUTE - 1000).toISOString()
    expect(await adf('rca', '--traces', path, '--at', quiet, '--window', '1m', '--json')).toBe(0)
    expect(Ranking.parse(JSON.parse(out)).causes).toEqual([])
  })

  it('prints how it came to that with --explain', async () => {
    const at = new Date(START + 5 * MINUTE).toISOString()
    expect(
      await adf('rca', '--traces', file('e.json', slowCart()), '--at', at, '--window', '1m', '--explain'),
    ).toBe(0)
    expect(out).toMatch(
      /1\. What is odd[\s\S]*cart: exclusive time of GET \/cart is 301 ms[\s\S]*s of waiting\)/,
    )
    expect(out).toMatch(/2\. Blame[\s\S]*cart: 100 % of the blame, 100 % of the walk/)
    expect(out).toMatch(/None of these: \d+ %[\s\S]*none of these {2}\d+ %/)
  })

  it('takes metrics and logs as evidence', async () => {
    const traces = file('t.csv', slowCartCsv())
    const rows = Array.from(
      { length: 5 },
      (_, i) => `${START / 1000 + i * 60 + 30},web-6f9c7bd5c4-x2b9k,${i === 4 ? 95 : 10 + i}`,
    )
    const metrics = file('m.csv', ['TimeStamp,PodName,CpuUsageRate(%)', ...rows].join('\n'))
    const logs = file(
      'l.csv',
      `time_unix_nano,trace_id,span_id,pod,body\n${START}000000,,,web-6f9c7bd5c4-x2b9k,"{""severity"": ""INFO""}"\n`,
    )
    const at = new Date(START + 5 * MINUTE).toISOString()
    const args = [
      '--traces',
      traces,
      '--metrics',
      metrics,
      '--logs',
      logs,
      '--at',
      at,
      '--window',
      '1m',
      '--json',
    ]
    expect(await adf('rca', ...args)).toBe(0)
    const web = Ranking.parse(JSON.parse(out)).causes.find(({ service }) => service === 'web')
    expect(web?.evidence.map(({ subject }) => subject)).toContain('CpuUsageRate(%)')
  })

  it('ranks by metrics alone and by logs alone', async () => {
    const pod = (name: string) => `${name}-6f9c7bd5c4-x2b9k`
    const minutes = Array.from({ length: 9 }, (_, i) => START / 1000 + i * 60)
    const cpu = minutes.flatMap((time, i) => [
      `${time},${pod('web')},${10 + (i % 3)}`,
      `${time},${pod('cart')},${i === 8 ? 95 : 20 + (i % 3)}`,
    ])
    const metrics = file('m.csv', ['TimeStamp,PodName,CpuUsageRate(%)', ...cpu].join('\n'))
    const said = (i: number) => (i === 8 ? 'connection to ledger refused' : 'order taken')
    const lines = minutes.flatMap((time, i) =>
      Array.from(
        { length: 20 },
        (_, second) => `${time + second}000000000,,,${pod('pay')},${said(i)} ${second}`,
      ),
    )
    const logs = file('l.csv', ['time_unix_nano,trace_id,span_id,pod,body', ...lines].join('\n'))
    const at = new Date(START + 9 * MINUTE - 1).toISOString()
    for (const [option, path, service] of [
      ['--metrics', metrics, 'cart'],
      ['--logs', logs, 'pay'],
    ] as const) {
      out = ''
      expect(await adf('rca', option, path, '--at', at, '--window', '1m', '--json')).toBe(0)
      const { causes, comparators } = Ranking.parse(JSON.parse(out))
      expect(causes.map((cause) => cause.service)).toEqual([service])
      expect(comparators.max_z[0]).toBe(service)
    }
  })

  it('leaves out kinds of evidence on request', async () => {
    const path = file('a.json', slowCart())
    const at = new Date(START + 5 * MINUTE).toISOString()
    const args = ['rca', '--traces', path, '--at', at, '--window', '1m', '--json', '--without']
    expect(await adf(...args, 'exclusive_time')).toBe(0)
    expect(Ranking.parse(JSON.parse(out)).causes).toEqual([])
    expect(await adf(...args, 'magic')).toBe(2)
    expect(remarks).toMatch(/exclusive_time, gap/)
  })

  it('says in words what it found without --json', async () => {
    const path = file('a.json', slowCart())
    await adf('rca', '--traces', path, '--at', new Date(START + 5 * MINUTE).toISOString(), '--window', '1m')
    expect(out).toMatch(
      /1\. .*cart.*\n +exclusive time of GET \/cart is 301 ms, normally 2\d(\.\d+)? (to 2\d(\.\d+)? )?ms/,
    )
  })

  it.each([
    ['no such file', 'missing.json', undefined, /missing\.json: cannot be read/],
    [
      'broken JSON',
      'a.json',
      `${otlpMinute(START, 20)[0]}\n{"resourceSpans": [`,
      /a\.json:2: .*expected OTLP JSON/,
    ],
    [
      'a span without times',
      'a.json',
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"1","spanId":"1"}]}]}]}',
      /a\.json:1: no OTLP JSON/,
    ],
    ['a bad id', 'a.csv', `${slowCartCsv()}\nxyz,1,,web,GET,1,2`, /a\.csv:902: trace_id/],
    ['a missing column', 'a.csv', 'trace_id,span_id\n1,2', /a\.csv:1: column parent_id is missing/],
    ['broken gzip', 'a.gz', gzipSync('x'.repeat(1000)).subarray(0, 20), /a\.gz/],
    ['nothing in the window', 'a.json', otlpMinute(START, 20).join('\n'), /nothing in the window/],
    [
      'nothing before the window',
      'a.json',
      otlpMinute(START + 4 * MINUTE, 20).join('\n'),
      /nothing tells what is normal/,
    ],
  ])('exits 2 for %s', async (_what, name, content, message) => {
    const path = content === undefined ? join(folder, name) : file(name, content)
    const at = new Date(START + 5 * MINUTE).toISOString()
    expect(await adf('rca', '--traces', path, '--at', at, '--window', '1m')).toBe(2)
    expect(remarks).toMatch(message)
    expect(out).toBe('')
  })

  it('exits 2 for a time that is none and for history within the window', async () => {
    const path = file('a.json', slowCart())
    expect(await adf('rca', '--at', '2026-03-01T03:00:00Z')).toBe(2)
    expect(remarks).toMatch(/give files with --traces, --metrics or --logs/)
    expect(await adf('rca', '--traces', path, '--at', 'noon')).toBe(2)
    expect(remarks).toMatch(/not a time/)
    const at = new Date(START + 5 * MINUTE).toISOString()
    expect(await adf('rca', '--traces', path, '--at', at, '--history-end', at)).toBe(2)
    expect(remarks).toMatch(/--history-end lies within the window/)
  })
})

describe('adf graph', () => {
  it('prints the graph of a Jaeger file as JSON and as a table', async () => {
    const jaeger = (id: string, parent: string | undefined, process: string, kind: string) => ({
      traceID: 'a1',
      spanID: id,
      operationName: 'op',
      references: parent === undefined ? [] : [{ refType: 'CHILD_OF', traceID: 'a1', spanID: parent }],
      startTime: START * 1000,
      duration: 5000,
      tags: [{ key: 'span.kind', value: kind }],
      processID: process,
    })
    const processes = { p1: { serviceName: 'web' }, p2: { serviceName: 'cart' } }
    const spans = [jaeger('1', undefined, 'p1', 'client'), jaeger('2', '1', 'p2', 'server')]
    const path = file('j.json', JSON.stringify({ data: [{ traceID: 'a1', spans, processes }] }))
    expect(await adf('graph', path, '--json')).toBe(0)
    const { edges } = Graph.parse(JSON.parse(out))
    expect(edges.map(({ client, server, calls }) => [client, server, calls])).toEqual([['web', 'cart', 1]])
    out = ''
    expect(await adf('graph', path)).toBe(0)
    expect(out).toMatch(/web +cart +call +1 +0/)
    expect(out).toMatch(/2 services, 0 virtual nodes, 1 edges/)
  })

  it('exits 2 for files without spans', async () => {
    expect(await adf('graph', file('empty.json', ''))).toBe(2)
    expect(remarks).toMatch(/no spans in/)
  })
})
