import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Config } from '../config.ts'
import { objectiveOf } from './document.ts'
import { parseDocuments } from './document-files.ts'
import { readObjectives } from './objectives.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-slo-'))
afterAll(() => rmSync(folder, { recursive: true }))

const AVAILABILITY = `
apiVersion: openslo/v1
kind: SLO
metadata: { name: checkout-availability, displayName: Checkout works }
spec:
  service: checkout
  indicator:
    spec:
      ratioMetric:
        counter: true
        good: { metricSource: { type: adf, spec: { kind: availability, service: shop/checkout } } }
        total: { metricSource: { type: adf, spec: { kind: requests } } }
  timeWindow: [{ duration: 4w, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ target: 0.999 }]
`
const LATENCY = `
apiVersion: openslo/v1
kind: SLO
metadata: { name: checkout-latency }
spec:
  service: checkout
  indicator:
    spec:
      thresholdMetric: { metricSource: { type: adf, spec: { kind: latency, threshold: 300ms } } }
  timeWindow:
    - duration: 1M
      isRolling: false
      calendar: { startTime: 2026-01-01 00:00:00, timeZone: Europe/Oslo }
  objectives: [{ op: lte, value: 0.3, targetPercent: 95 }]
`
/** Their faults, without the name of the file. */
const faultsOf = (text: string) => parseDocuments(text, 'f').faults.map((fault) => fault.replace(/^f:/, ''))
const changed = (text: string, from: string, to: string) => {
  expect(text).toContain(from)
  return faultsOf(text.replace(from, to))
}

test('a file holds several documents, of availability and of latency', () => {
  const { documents, faults } = parseDocuments(`${AVAILABILITY}---${LATENCY}---\n# nothing\n`, 'slo.yaml')
  expect(faults).toEqual([])
  expect(documents.map(({ source }) => source)).toEqual(['slo.yaml:2', 'slo.yaml:17'])
  expect(documents.map(({ document }) => objectiveOf(document))).toEqual([
    {
      name: 'checkout-availability',
      displayName: 'Checkout works',
      service: 'shop/checkout',
      indicator: { kind: 'availability' },
      target: 0.999,
      period: { kind: 'rolling', days: 28 },
      origin: 'document',
    },
    {
      name: 'checkout-latency',
      displayName: null,
      service: 'checkout',
      indicator: { kind: 'latency', thresholdMs: 300 },
      target: 0.95,
      period: {
        kind: 'calendar',
        unit: 'month',
        startTime: '2026-01-01 00:00:00',
        zone: 'Europe/Oslo',
      },
      origin: 'document',
    },
  ])
})

describe('faults say where and what to do', () => {
  test.each([
    [
      'target: 0.999',
      'target: 1',
      '15: spec.objectives[0].target: must be below 1: a perfect objective has no error budget',
    ],
    ['target: 0.999', 'target: 0', '15: spec.objectives[0].target: must be above 0'],
    ['target: 0.999', 'target: much', '15: spec.objectives[0].target: must be a number above 0 and below 1'],
    ['target: 0.999', 'targetPercent: 100', '15: spec.objectives[0].targetPercent: must be below 100'],
    ['target: 0.999', 'displayName: x', '15: spec.objectives[0]: must have one of target and targetPercent'],
    [
      '[{ target: 0.999 }]',
      '[{ target: 0.9 }, { target: 0.99 }]',
      '15: spec.objectives: must be one objective: write one document for each',
    ],
    [
      'kind: SLO',
      'kind: Service',
      '3: kind: must be SLO: documents of kind Service are not taken, keep them in another file',
    ],
    ['openslo/v1', 'openslo/v1alpha', '2: apiVersion: must be openslo/v1'],
    [
      'name: checkout-availability',
      'name: Checkout',
      '4: metadata.name: must be lower-case letters, digits and hyphens',
    ],
    [
      'name: checkout-availability',
      'name: default',
      '4: metadata.name: default is the name of objectives without a document',
    ],
    [
      'type: adf, spec: { kind: availability',
      'type: prometheus, spec: { kind: availability',
      '11: spec.indicator.spec.ratioMetric.good.metricSource.type: must be adf',
    ],
    [
      'kind: requests',
      'kind: requests, service: cart',
      '12: spec.indicator.spec.ratioMetric.total.metricSource.spec.service: must be the service of good',
    ],
    [
      'budgetingMethod: Occurrences',
      'budgetingMethod: Timeslices',
      '14: spec.budgetingMethod: must be Occurrences',
    ],
    [
      'budgetingMethod: Occurrences',
      'alertPolicies: []',
      '14: spec.alertPolicies: is not taken: ADF alerts by the burn rates',
    ],
    [
      'budgetingMethod: Occurrences',
      'indicatorRef: x',
      '14: spec.indicatorRef: is not taken: write the indicator into the document',
    ],
    [
      'budgetingMethod: Occurrences',
      'bugetingMethod: Occurrences',
      '14: spec.bugetingMethod: is no key of OpenSLO v1 that is taken',
    ],
    [
      'duration: 4w',
      'duration: 1M',
      '13: spec.timeWindow[0]: 1M is not taken: a rolling window is from 1d to 92d',
    ],
    [
      'isRolling: true',
      'isRolling: false',
      '13: spec.timeWindow[0]: 4w is not taken: a calendar window is 1d, 1w, 1M or 1Q',
    ],
    ['  service: checkout\n', '', '6: spec.service: is required'],
  ])('%s -> %s', (from, to, message) => {
    const faults = changed(AVAILABILITY, from, to)
    expect(faults.join('\n')).toContain(message)
  })

  test.each([
    ['threshold: 300ms', 'threshold: 300', 'threshold: needs a unit, as text: 300ms or 1.5s'],
    ['threshold: 300ms', 'threshold: "300"', 'threshold: needs a unit: 300ms or 1.5s'],
    ['threshold: 300ms', 'threshold: 0ms', 'threshold: must be from 1ms to 1h'],
    [
      ', threshold: 300ms',
      '',
      'threshold: is required: up to which duration a request is good, such as 300ms',
    ],
    [
      'value: 0.3',
      'value: 300',
      'spec.objectives[0].value: is 300 s, but the threshold of the indicator is 0.3 s',
    ],
    ['op: lte', 'op: gt', 'spec.objectives[0].op: must be lte'],
    ['Europe/Oslo', 'Mars/Base', 'timeZone: must be the name of a time zone'],
    ['startTime: 2026-01-01 00:00:00', 'startTime: soon', 'startTime: must be a time such as'],
  ])('%s -> %s', (from, to, message) => {
    const faults = changed(LATENCY, from, to)
    expect(faults.join('\n')).toContain(message)
  })

  test('all of them at once, of all documents', () => {
    const text = `${AVAILABILITY.replace('0.999', '1')}---${LATENCY.replace('300ms', '300')}---\nkind: Service\n---\n[1]\n---\na: [`
    const faults = faultsOf(text)
    for (const start of [
      '15: spec.objectives',
      '24: spec.indicator',
      '31: kind',
      '33: must be a document',
      '35: ',
    ])
      expect(
        faults.some((fault) => fault.startsWith(start)),
        `${start} in\n${faults.join('\n')}`,
      ).toBe(true)
  })
})

describe('hostile YAML', () => {
  test('aliases that multiply, refer to themselves, or nest without end are faults', () => {
    const bomb = ['a: &a [1,1,1,1,1,1,1,1,1]']
    for (const [below, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map((pair) => [...pair]))
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${below}`).join(',')}]`)
    expect(faultsOf(bomb.join('\n'))[0]).toMatch(/alias/i)
    expect(faultsOf('&a [*a]').length).toBeGreaterThan(0)
    expect(faultsOf('metadata: &a { labels: *a }').length).toBeGreaterThan(0)
    expect(faultsOf('['.repeat(20_000)).length).toBeGreaterThan(0)
  })

  test('a file that is huge, empty, missing or a folder is a fault', () => {
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    mkdirSync(join(folder, 'sub'))
    const files = [
      file('huge.yaml', '#'.repeat(2 ** 20 + 1)),
      file('empty.yaml', '\n'),
      join(folder, 'none.yaml'),
      join(folder, 'sub'),
    ]
    const { faults } = readObjectives({ files, objectives: [] })
    expect(faults.map(({ path, message }) => [path, message.slice(folder.length + 1)])).toEqual([
      ['slo.files[0]', 'huge.yaml: is larger than 1 MiB: split it'],
      ['slo.files[1]', 'empty.yaml: holds no document'],
      ['slo.files[2]', 'none.yaml: there is no such file'],
      ['slo.files[3]', expect.stringMatching(/^sub: cannot be read: /)],
    ])
  })
})

test('wildcards name files once, and a name that is there twice is a fault', () => {
  writeFileSync(join(folder, 'a.slo.yaml'), AVAILABILITY)
  writeFileSync(join(folder, 'b.slo.yaml'), `${LATENCY}---${AVAILABILITY}`)
  const all = join(folder, '*.slo.yaml')
  const { objectives, faults } = readObjectives({ files: [all, join(folder, 'a.slo.yaml')], objectives: [] })
  expect(objectives.map(({ name }) => name)).toEqual([
    'checkout-availability',
    'checkout-latency',
    'checkout-availability',
  ])
  expect(faults).toEqual([
    {
      path: 'slo.files[0]',
      message: `${folder}/b.slo.yaml:16: metadata.name: checkout-availability is the name of ${folder}/a.slo.yaml:2 too`,
    },
  ])
  expect(readObjectives({ files: [join(folder, '*.none')], objectives: [] }).faults).toEqual([
    { path: 'slo.files[0]', message: `no file matches ${join(folder, '*.none')}` },
  ])
})

test('documents within the configuration are checked by its schema, and old configurations stay good', () => {
  expect(Config.parse({ slo: { objective: 0.99, services: { payment: 0.9 } } }).slo).toMatchObject({
    files: [],
    objectives: [],
  })
  const inline = {
    apiVersion: 'openslo/v1',
    kind: 'SLO',
    metadata: { name: 'cart' },
    spec: {
      service: 'cart',
      indicator: {
        spec: {
          thresholdMetric: { metricSource: { type: 'adf', spec: { kind: 'latency', threshold: '1s' } } },
        },
      },
      objectives: [{ target: 0.9 }],
    },
  }
  const { slo } = Config.parse({ slo: { objectives: [inline] } })
  expect(readObjectives(slo).objectives).toMatchObject([
    { name: 'cart', period: { kind: 'rolling', days: 30 } },
  ])
  const bad = Config.safeParse({
    slo: { objectives: [inline, { ...inline, spec: {} }, { kind: 'DataSource' }] },
  })
  expect(bad.error?.issues.map(({ path }) => path.join('.'))).toEqual([
    'slo.objectives.1.spec.service',
    'slo.objectives.1.spec.indicator',
    'slo.objectives.1.spec.objectives',
    'slo.objectives.2.kind',
  ])
})
