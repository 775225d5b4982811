import { ServiceSummary } from '@adf/contract'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { minedInParts } from '../../logs/summary/parts.test-data.ts'
import type { FeatureVector } from '../../scoring/vector.ts'
import type { PlainLog } from '../../telemetry/log-builder.ts'
import { AT } from '../builtin-streams.ts'
import { FeatureExtractor } from '../extractor.ts'
import { Losses } from '../losses.ts'
import { ServiceShare } from './service-share.ts'

const T0 = 1_800_000_000_000
const edge = {
  ...{ window: 10_000, step: 1000, interval: 60_000, max_lateness: 10_000, stale_after: 60_000 },
  ...{ max_entities: 100, max_series: 1000 },
}
const MAX_SKEW_MS = 60_000
const PARTS = 3

/** An extractor that is told all log records, and one that is told what parts of them add up to. */
function both() {
  const mined = minedInParts(PARTS)
  const [ofAll, ofParts, ofShares] = [new Registry(), new Registry(), new Registry()]
  const extractor = (registry: Registry, templates: typeof mined.whole | typeof mined.reader) =>
    new FeatureExtractor({ edge, streams: {}, maxClockSkewMs: MAX_SKEW_MS, registry, templates })
  const [one, summed] = [extractor(ofAll, mined.whole), extractor(ofParts, mined.reader)]
  const losses = new Losses(ofShares)
  const services = mined.shares.map(
    () =>
      new ServiceShare({
        ...{ stepMs: edge.step, windowMs: edge.window, maxLatenessMs: edge.max_lateness },
        ...{ maxSkewMs: MAX_SKEW_MS, maxEntities: 100, losses },
      }),
  )
  const [wanted, got]: [FeatureVector[], FeatureVector[]] = [[], []]
  let part = 0
  return {
    ...{ wanted, got, services },
    /** To each part in turn. */
    send(logs: readonly PlainLog[], arrivalMs: number) {
      const at = part++ % PARTS
      const whole = mined.batchOf(logs)
      mined.whole.logs(whole, arrivalMs)
      one.logs(whole, arrivalMs)
      const share = mined.batchOf(logs)
      mined.shares[at]?.logs(share, arrivalMs)
      services[at]?.logs(share, arrivalMs)
    },
    step(nowMs: number) {
      mined.step(nowMs)
      for (const [at, service] of services.entries()) {
        const taken = service.take((serial) => mined.shares[at]?.id(serial) ?? 0)
        summed.summed(ServiceSummary.array().parse(JSON.parse(JSON.stringify(taken))), nowMs)
      }
      one.advance(nowMs, (vector) => wanted.push(vector))
      summed.advance(nowMs, (vector) => got.push(vector))
    },
    async late(of: 'whole' | 'parts', reason: string) {
      const metric = (of === 'whole' ? ofAll : ofShares).getSingleMetric('adf_feature_late_total')
      const value = (await metric?.get())?.values.find(
        ({ labels }) => labels['reason'] === reason && labels['signal'] === 'logs',
      )
      return value?.value ?? 0
    },
  }
}

const log = (timeMs: number, body: string, severity = 9): PlainLog => ({
  resource: { 'service.name': 'shop', 'service.version': '3' },
  ...{ timeMs, severity, body },
})
const plain = ({ stream, entity, version, timeMs, values }: FeatureVector) => ({
  ...{ stream: stream.name, id: entity.id, version, timeMs, values: [...values] },
})

test('vectors are those of one extractor that sees all records', () => {
  const { send, step, wanted, got } = both()
  const seconds = 420
  for (let at = 0; at < seconds * 1000; at += 250) {
    const nowMs = T0 + at
    const n = at / 250
    // Uneven delays, a second of silence, names that vary, and something new at the end.
    const logs = [log(nowMs - ((at * 7) % 2900), `request ${n} is served`)]
    if (n % 3 === 0) logs.push(log(nowMs, `sent to ${String.fromCharCode(97 + ((n / 3) % 20))}x by road now`))
    if (n % 11 === 0) logs.push(log(nowMs - 10, 'disk is slow', 17))
    if (at > 400_000) logs.push(log(nowMs - 5, `the ledger of ${n} is broken`, 17))
    if (at < 200_000 || at >= 201_000) send(logs, nowMs)
    if ((at + 250) % edge.step === 0) step(nowMs + 250)
  }
  expect(wanted.length).toBeGreaterThan(300)
  expect(got.map(plain)).toEqual(wanted.map(plain))
  const novelty = wanted.map(({ values }) => values[AT.log_novelty] ?? Number.NaN)
  expect(Math.max(...novelty.slice(330, 390))).toBeLessThan(6)
  expect(Math.max(...novelty.slice(400))).toBeGreaterThan(10)
})

test('records that no window takes are counted, and their silence is not taken for a rate of 0', async () => {
  const { send, step, late, wanted, got } = both()
  for (let second = 0; second < 40; second++) {
    const nowMs = T0 + second * 1000
    const logs = [log(second === 25 ? nowMs - 40_000 : nowMs - 100, 'all is well')]
    if (second === 26) logs.push(log(nowMs + 2 * MAX_SKEW_MS, 'all is well'))
    send(logs, nowMs)
    step(nowMs + 1000)
  }
  expect([await late('parts', 'late'), await late('parts', 'future')]).toEqual([1, 1])
  expect([await late('whole', 'late'), await late('whole', 'future')]).toEqual([1, 1])
  expect(got.map(plain)).toEqual(wanted.map(plain))
})

test('what is no record of a template is of none, and a step without records says nothing of logs', () => {
  const { send, services } = both()
  send([log(T0, '')], T0)
  const [first] = services
  expect(first?.take()[0]?.logs?.steps).toMatchObject([{ records: 1, errors: 0, templates: [[0, 1]] }])
  expect(first?.take()).toEqual([])
})
