import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SloReport } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import golden from '../../../contract/src/golden/slo-report.json' with { type: 'json' }
import { runAdf } from '../program/adf.test-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-slo-'))
const documents = join(folder, 'slo.yaml')
const DOCUMENT = `
apiVersion: openslo/v1
kind: SLO
metadata: { name: checkout-latency }
spec:
  service: checkout
  indicator:
    spec: { thresholdMetric: { metricSource: { type: adf, spec: { kind: latency, threshold: 300ms } } } }
  objectives: [{ target: 0.95 }]
`
/** Answers every request with the golden report, or with `answer`. */
let server: Server
let url = ''
let answer = JSON.stringify(golden)
beforeAll(async () => {
  writeFileSync(documents, DOCUMENT)
  server = createServer((_request, response) => response.end(answer)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

test('status prints a table and sentences, and exits with 1 while an alert fires', async () => {
  const run = await runAdf(['slo', 'status', '--url', url])
  expect(run).toMatchObject({ status: 1, err: '' })
  expect(run.out.split('\n').slice(0, 3)).toEqual([
    'SLO                    SERVICE        TARGET  BURN 5m  BURN 1h  BURN 6h  BURN 3d    LEFT  COUNTED BY',
    'checkout-availability  shop/checkout  99.9 %    20.00    16.67     2.78     0.35  75.0 %  metrics',
    'search-latency         search           95 %        -        -        -        -       -  -',
  ])
  expect(run.out).toContain('  page since 2026-03-01T03:10:00.000Z: shop/checkout has used 2.3 %')
  expect(run.out).toContain('  problem: no request of search was counted')
})

test('status is 0 without an alert, and JSON is the report', async () => {
  const quiet = { ...golden, objectives: golden.objectives.slice(1) }
  answer = JSON.stringify(quiet)
  const run = await runAdf(['--json', 'slo', 'status'], { ADF_URL: url })
  expect(run).toMatchObject({ status: 0, err: '' })
  expect(SloReport.parse(JSON.parse(run.out))).toEqual(quiet)
})

test('status says when something else answers', async () => {
  answer = '{"objectives": 7}'
  expect(await runAdf(['slo', 'status', '--url', url])).toMatchObject({
    status: 1,
    err: expect.stringContaining('is no ADF of this version: its answer does not fit'),
  })
})

test('rules are written to files, with tests that find them', async () => {
  const [out, tests] = [join(folder, 'rules.yml'), join(folder, 'tests.yml')]
  const run = await runAdf(['slo', 'rules', documents, '--out', out, '--tests', tests])
  expect(run).toEqual({ status: 0, out: '', err: '' })
  const { groups } = parse(readFileSync(out, 'utf8'))
  expect(groups.map(({ name }: { name: string }) => name)).toEqual(['adf-slo-checkout-checkout-latency'])
  expect(groups[0].rules.at(-1)).toMatchObject({
    alert: 'AdfSloBurn',
    labels: { slo: 'checkout-latency', service: 'checkout', severity: 'ticket', window: '3d' },
  })
  expect(parse(readFileSync(tests, 'utf8'))).toMatchObject({ rule_files: ['rules.yml'] })
})

test('without files they are those of the configuration, on the output', async () => {
  const set = ['--set', `slo.files=[${documents}]`, '--set', 'slo.services={checkout: 0.99}']
  const run = await runAdf(['slo', 'rules', ...set])
  expect(run).toMatchObject({ status: 0, err: '' })
  expect(parse(run.out).groups.map(({ name }: { name: string }) => name)).toEqual([
    'adf-slo-checkout-checkout-latency',
    'adf-slo-checkout-default',
  ])
})

test('faults of documents are listed with their place, and nothing is written', async () => {
  const bad = join(folder, 'bad.yaml')
  writeFileSync(bad, DOCUMENT.replace('300ms', '300').replace('0.95', '1'))
  const run = await runAdf(['slo', 'rules', bad, '--out', join(folder, 'none.yml')])
  expect(run).toMatchObject({ status: 2, out: '' })
  expect(run.err).toContain(
    `${bad}:8: spec.indicator.spec.thresholdMetric.metricSource.spec.threshold: needs a unit`,
  )
  expect(run.err).toContain(`${bad}:9: spec.objectives[0].target: must be below 1`)
  expect(() => readFileSync(join(folder, 'none.yml'))).toThrow()
  expect(await runAdf(['slo', 'rules'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('no objective: name OpenSLO files'),
  })
})
