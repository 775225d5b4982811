import { seeded } from '@adf/detectors'
import { expect, test } from 'vitest'
import type { PlainLog } from '../../telemetry/log-builder.ts'
import { minedInParts, SLOTS } from './parts.test-data.ts'

const START = 1_760_000_000_000
const MINUTE = 60_000
const STEP_MS = 1000
const none = () => undefined

type Rig = ReturnType<typeof minedInParts>

/** Lines of a request, each service's of a few statements with values and names in them. */
function linesOf(n: number, rng: () => number): string[] {
  const user = `user${Math.floor(rng() * 1e6)}`
  const city = ['Rome', 'Oslo', 'Bern', 'Graz', 'Kiel', 'Nice', 'Pisa', 'Lund', 'Turin', 'Brno'][n % 10]
  return [
    `begin request ${n} of ${user}`,
    `ship the parcel now to ${city} by road`,
    rng() < 0.3 ? 'cache miss' : 'cache hit',
    `end of request ${n}`,
  ]
}

/** The texts of templates with their lines, whatever the order of those with as many. */
const templatesOf = (of: Rig['whole'] | Rig['reader'], services: readonly string[]) =>
  services.map((service) =>
    of
      .templates(service)
      .map(({ text, lines }) => `${lines} ${text}`)
      .sort(),
  )

/** But for examples: the first line of a template is that of the part that told it first. */
const evidenceOf = (of: Rig['whole'] | Rig['reader'], fromMs: number, nowMs: number) =>
  of
    .evidence(fromMs, nowMs, none)
    .map(({ example, ...one }) => ({ ...one, hasExample: example !== '' }))
    .sort((a, b) =>
      `${a.service} ${a.what} ${a.subject}`.localeCompare(`${b.service} ${b.what} ${b.subject}`),
    )

function play(rig: Rig, seed: number, partOf: (log: PlainLog, at: number) => number) {
  const rng = seeded(seed)
  const services = ['cart', 'payment', 'shop/mail']
  const minutes = 12
  let nowMs = START
  for (let second = 0; second < minutes * 60; second++) {
    const burst = second >= (minutes - 1) * 60
    const logs: PlainLog[] = []
    for (const [at, name] of services.entries()) {
      for (let n = 0; n < 2; n++) {
        const id = Math.floor(rng() * 2 ** 40)
          .toString(16)
          .padStart(16, '0')
        const lines = linesOf(second * 2 + n, rng)
        if (burst && name === 'payment') lines.push(`card of user${second} was refused by the bank`)
        for (const [i, body] of lines.entries())
          logs.push({
            resource: { 'service.name': name, 'service.instance.id': `${name}-${(second + n) % 4}` },
            timeMs: nowMs + at * 10 + n * 400 + i,
            severity: 9,
            body,
            traceId: id + id,
            spanId: id,
            ...(burst && name === 'payment' && i === 0 && { exceptionType: 'CardRefused' }),
          })
      }
    }
    nowMs += STEP_MS
    rig.send(logs, partOf, nowMs)
    rig.step(nowMs)
  }
  return { services, nowMs }
}

const instanceOf = ({ resource }: PlainLog) => Number(String(resource['service.instance.id']).slice(-1))

test.each([1, 2, 3])('parts and their reader come to what one miner does, seed %i', (seed) => {
  const rig = minedInParts(3)
  const { services, nowMs } = play(rig, seed, instanceOf)
  expect(templatesOf(rig.reader, services)).toEqual(templatesOf(rig.whole, services))
  expect(templatesOf(rig.whole, ['cart'])[0]?.join('\n')).toMatch(/ship the parcel now to <\*> by road/)
  const wanted = evidenceOf(rig.whole, nowMs - MINUTE, nowMs)
  expect(wanted.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['exception', 'template', 'transition']),
  )
  expect(evidenceOf(rig.reader, nowMs - MINUTE, nowMs)).toEqual(wanted)
})

test('a template has the same number in each part, and words that vary over parts become one', () => {
  const rig = minedInParts(2)
  const names = ['Anna', 'Bert', 'Carl', 'Dora', 'Emil', 'Fred', 'Gina', 'Hugo', 'Ines', 'Jost']
  const numbers = new Set<number>()
  for (const [n, name] of names.entries()) {
    const log = {
      resource: { 'service.name': 'cart' },
      timeMs: START,
      severity: 9,
      body: `hello dear ${name} again`,
    }
    rig.send([log], () => n, START)
    for (const { records } of rig.step(START + n * STEP_MS)) for (const { id } of records) numbers.add(id)
  }
  // Five in each part: too few for either of them to know.
  expect(numbers.size).toBe(10)
  expect(rig.reader.templates('cart')).toMatchObject([{ text: 'hello dear <*> again', lines: 10 }])
  expect(new Set([...numbers].map((id) => rig.reader.current(id))).size).toBe(1)
  expect(rig.reader.merges).toBeGreaterThan(0)
})

test('words are told once, and again for those who read later', () => {
  const rig = minedInParts(1)
  const told: number[] = []
  const body = 'all is well'
  for (let second = 0; second < 600; second++) {
    const nowMs = START + second * STEP_MS
    rig.send([{ resource: { 'service.name': 'cart' }, timeMs: nowMs, severity: 9, body }], () => 0, nowMs)
    for (const { templates } of rig.step(nowMs)) if (templates.length > 0) told.push(second)
  }
  expect(told).toEqual([0, SLOTS.history / 8 / STEP_MS, (2 * SLOTS.history) / 8 / STEP_MS])
})

test('records of a template that nobody told are counted as lost', async () => {
  const rig = minedInParts(1)
  rig.reader.add({
    ...{ templates: [], transitions: [{ from: 5, to: 6, slots: [[START, 1]] }], exceptions: [] },
    records: [{ id: 5, slots: [[START, 3, 1]] }],
  })
  expect(await rig.dropped('untold')).toBe(3)
  expect(rig.reader.current(5)).toBe(5)
})

test('the bounds hold for each part and for the reader, and what makes room is counted', async () => {
  const rig = minedInParts(2, { max_templates: 120, max_templates_per_service: 50, max_exceptions: 10 })
  const word = (n: number) => String.fromCharCode(97 + (n % 26), 97 + (Math.floor(n / 26) % 26), 120)
  for (let n = 0; n < 400; n++) {
    const resource = { 'service.name': `s${n % 5}` }
    const body = `${word(n)} ${word(n * 7)} ${word(n * 11)} ${word(n * 13)}`
    rig.send([{ resource, timeMs: START + n, severity: 9, body, exceptionType: `E${n}` }], () => n, START + n)
    if (n % 10 === 0) rig.step(START + n)
  }
  const held = [0, 1, 2, 3, 4].map((n) => rig.reader.templates(`s${n}`).length)
  for (const one of held) expect(one).toBeLessThanOrEqual(50)
  expect(held.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(120)
  expect(await rig.dropped('template_limit')).toBeGreaterThan(0)
  expect(await rig.dropped('exception_limit')).toBeGreaterThan(0)
  const before = await rig.dropped('template_limit')
  for (const share of rig.shares) share.end()
  expect(await rig.dropped('template_limit')).toBe(before)
})

test('exceptions of spans are those of their service, whichever part has the spans', () => {
  const rig = minedInParts(2)
  const span = (atMs: number) => ({
    ...{ resource: { 'service.name': 'cart' }, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
    ...{ name: 'GET', kind: 2, status: 2, startMs: atMs, durationMs: 5 },
    events: [
      {
        ...{ timeMs: atMs, name: 'exception' },
        attributes: { 'exception.type': 'IOError', 'exception.message': 'disk is full' },
      },
    ],
  })
  for (let second = 0; second < 600; second++) {
    const nowMs = START + second * STEP_MS
    const body = `request ${second} is served`
    rig.send([{ resource: { 'service.name': 'cart' }, timeMs: nowMs, severity: 9, body }], () => 0, nowMs)
    if (second >= 540) rig.sendSpans([span(nowMs)], 1, nowMs)
    rig.step(nowMs)
  }
  const nowMs = START + 600_000
  const wanted = evidenceOf(rig.whole, nowMs - MINUTE, nowMs)
  expect(wanted.map(({ what, subject }) => `${what} ${subject}`)).toContain('exception IOError')
  expect(evidenceOf(rig.reader, nowMs - MINUTE, nowMs)).toEqual(wanted)
})
