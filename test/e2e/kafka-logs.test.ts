import { type Anomaly, EntityPage, Incident, IncidentPage } from '@adf/contract'
import { seeded } from '@adf/detectors'
import { encodeJsonRequest } from '@adf/processor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningAdf } from '../harness/adf.ts'
import { readAnomalies } from '../harness/anomalies.ts'
import { kafkaNeeds, type RunningKafka } from '../harness/kafka.ts'
import { KafkaGroup, LIMIT_MS } from '../harness/kafka-group.ts'
import { until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { type Fault, SERVICES, ShopBatch } from '../harness/shop.ts'

const [SPANS, LOGS] = [3, 4]
const [EVERY_MS, STEP_MS, WINDOW_MS] = [40, 200, 1000]
/**
 * Of a burst, and of the quiet after it: its incident is over then. A ranking reaches from the onset to now, and windows may wait as long
 * as `max_lateness`: of the longest such time a burst is more than the quarter that makes its lines odd.
 */
const [BURST_MS, QUIET_MS] = [6000, 12_000]
/** One for each burst, in words of its own: what is new is so however many blocks of history other bursts fall into. */
const EXCEPTIONS = [
  {
    type: 'CardRefused',
    message: 'the bank said no',
    line: 'card 4711 was refused by the bank',
  },
  {
    type: 'LedgerLocked',
    message: 'gave up on a lock',
    line: 'ledger row 17 stayed locked for too long',
  },
  {
    type: 'CurrencyUnknown',
    message: 'no such currency',
    line: 'rates of 3 currencies are missing',
  },
  {
    type: 'LimitExceeded',
    message: 'more than this account may spend',
    line: 'spending limit 500 exceeded',
  },
  {
    type: 'SignatureInvalid',
    message: 'signature does not match what was signed',
    line: 'key 9 does not fit the signature of the request',
  },
] as const satisfies readonly Fault['exception'][]
const STREAM = 'lines'

describeWith(
  kafkaNeeds() ?? needs('postgresql'),
  'several processors that share the spans and logs of a Kafka group',
  () => {
    let group: KafkaGroup

    beforeAll(async () => {
      group = await KafkaGroup.start({
        topics: { otlp_spans: SPANS, otlp_logs: LOGS, 'adf.edges': 1 },
        config: {
          kafka: { topics: { metrics: '', dead_letters: '' }, events: [] },
          store: { state_interval: '500ms' },
          edge: {
            ...{ window: `${WINDOW_MS}ms`, step: `${STEP_MS}ms`, interval: '1s', max_lateness: '10s' },
            // Limits alone: what detectors learn of windows, and fit beside the stream, depends on when these came.
            detection: { settle: 0, detectors: ['rules'], rerank: 'none' },
          },
          streams: {
            [STREAM]: {
              kind: 'service',
              features: { log_rate: { max: 40 }, log_error_rate: { max: 20 }, log_novelty: { max: 10 } },
            },
          },
          graph: { pairing_window: '2s', slot: '1s' },
          incident: { resolve_after: '6s' },
        },
      })
      await group.join('a')
      await group.join('b')
    }, 2 * LIMIT_MS)
    afterAll(async () => {
      await stopLoad()
      await group?.stop()
    }, LIMIT_MS)

    const rng = seeded(17)
    /** In event time. */
    const bursts: { readonly fromMs: number; readonly toMs: number; readonly fault: Fault }[] = []
    let going = true
    let requests = 0
    /** Requests that ended before were sent. */
    let sentMs = 0
    let load: Promise<void> | undefined
    const send = (messages: Parameters<RunningKafka['send']>[0]) =>
      until('they are sent', () => group.kafka.send(messages).then(() => true), LIMIT_MS)
    /** Of a service all in one partition, but for payment: its lines come in two, as those of two instances do. */
    const partitionOf = (service: string) =>
      service === 'payment' && requests % 2 === 0 ? LOGS - 1 : SERVICES.indexOf(service) % (LOGS - 1)
    /** Evenly spaced however late they are sent. */
    const startLoad = () => {
      load = (async () => {
        for (let endMs = Date.now(); going; ) {
          await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
          const messages: Parameters<RunningKafka['send']>[0] = []
          for (; endMs < Date.now(); endMs += EVERY_MS) {
            const batch = new ShopBatch(rng)
            const struck = bursts.find(({ fromMs, toMs }) => endMs >= fromMs && endMs < toMs)
            batch.request(endMs, struck?.fault)
            requests++
            messages.push({
              topic: 'otlp_spans',
              partition: requests % SPANS,
              value: Buffer.from(encodeJsonRequest('traces', batch.traces)),
            })
            for (const [service, logs] of batch.logsByService)
              messages.push({
                topic: 'otlp_logs',
                partition: partitionOf(service),
                value: Buffer.from(encodeJsonRequest('logs', logs)),
              })
          }
          if (messages.length > 0) await send(messages)
          sentMs = endMs
        }
      })()
    }
    const stopLoad = async () => {
      going = false
      await load
    }
    const reached = (ms: number) => until(`all until ${ms} is sent`, () => sentMs > ms, LIMIT_MS)
    /** Begins one, and does something in the midst of it; resolves when it is over, and the quiet after it. */
    const burst = async (meanwhile: () => Promise<unknown> = async () => {}) => {
      const fromMs = Math.ceil(sentMs / 1000) * 1000 + 1000
      const toMs = fromMs + BURST_MS
      const exception = EXCEPTIONS[bursts.length]
      if (exception === undefined) throw new Error('more bursts than exceptions')
      bursts.push({ fromMs, toMs, fault: { service: 'payment', errors: 1, exception } })
      await reached((fromMs + toMs) / 2)
      await meanwhile()
      await reached(toMs + QUIET_MS)
    }
    const anomaliesOf = (adf: RunningAdf) => readAnomalies(adf, { stream: STREAM })
    /** Rates by window, where they are over their limits. */
    const windowsOf = (anomalies: readonly Anomaly[]) =>
      new Map(
        anomalies.flatMap(({ entity, time, contributions }) => {
          const rates = contributions.filter(({ feature }) => feature !== 'log_novelty')
          const told = rates.map(({ feature, value }) => `${feature} ${value?.toFixed(3)}`).sort()
          return told.length === 0 ? [] : [[`${entity.id} ${Date.parse(time)}`, told.join(', ')] as const]
        }),
      )
    const endOf = (key: string) => Number(key.split(' ')[1])
    /** Bursts in which something was novel. */
    const novelIn = (anomalies: readonly Anomaly[]) => {
      const novel = anomalies.filter(({ contributions }) =>
        contributions.some(({ feature }) => feature === 'log_novelty'),
      )
      return [...new Set(novel.map(({ time }) => burstOf(Date.parse(time))))].sort()
    }
    const burstOf = (ms: number) =>
      bursts.findIndex(({ fromMs, toMs }) => ms >= fromMs && ms <= toMs + WINDOW_MS)
    /** Whatever of a burst is told in words of its own, as evidence. */
    const toldOf = ({ type, message, line }: (typeof EXCEPTIONS)[number]) => [
      `exception ${type}: ${message}`,
      `log ${line.replace(/\d+/, '<*>')}: ${line}`,
      `log ${message}: ${message}`,
    ]
    const told = new Set(EXCEPTIONS.flatMap(toldOf))
    /** What the logs of payment say in such words, of the incident of each burst. */
    const evidenceOf = async (adf: RunningAdf) => {
      const { items } = IncidentPage.parse(await adf.json('/api/incidents?limit=100'))
      const all = await Promise.all(
        items.map(async ({ id }) => Incident.parse(await adf.json(`/api/incidents/${id}`))),
      )
      return all
        .map(({ started_at, services, causes, state }) => ({
          burst: burstOf(Date.parse(started_at)),
          ...{ state, services },
          cause: causes[0]?.service,
          evidence: (causes.find(({ service }) => service === 'payment')?.evidence ?? [])
            .filter(({ example }) => example !== undefined)
            .map(({ kind, subject, example }) => `${kind} ${subject}: ${example}`)
            .filter((one) => told.has(one))
            .sort(),
        }))
        .sort((one, other) => one.burst - other.burst)
    }
    /** Latest values of the log features of each service, where they are known. */
    const lines = async (adf: RunningAdf) => {
      const { items } = EntityPage.parse(await adf.json(`/api/entities?stream=${STREAM}`))
      return items.flatMap(({ streams }) => {
        const features = streams.find(({ stream }) => stream === STREAM)?.features ?? []
        const value = (feature: string) => features.find(({ name }) => name === feature)?.value ?? null
        return value('log_rate') === null ? [] : [{ novelty: value('log_novelty') }]
      })
    }
    /** Who adds up the windows. */
    const adder = () =>
      until(
        'somebody knows the services',
        async () => {
          for (const one of group.running) if ((await lines(one)).length >= SERVICES.length) return one
          return undefined
        },
        LIMIT_MS,
      )

    test(
      'kill, join and stop around bursts: anomalies of logs and their evidence are those of one alone',
      async () => {
        await group.have(SPANS + LOGS + 1, { each: true })
        startLoad()
        await reached(Date.now() + 5000)
        await adder()
        // Of fewer windows nobody says what is novel.
        await reached(sentMs + 40 * WINDOW_MS)
        await burst()
        await burst(async () => group.end(group.nameOf(await adder()), 'SIGKILL'))
        await group.have(SPANS + LOGS + 1)
        // It went on with what the one killed had learned of each service, which takes thirty windows to learn.
        for (const { novelty } of await lines(await adder())) expect(novelty).not.toBeNull()
        await group.join('c')
        await group.have(SPANS + LOGS + 1, { each: true })
        await burst()
        await burst(async () => expect(await group.end(group.nameOf(await adder()), 'SIGTERM')).toBe(0))
        await group.have(SPANS + LOGS + 1)
        await burst()
        await stopLoad()
        await group.settled('otlp_logs', 'otlp_spans')

        const [any] = group.running
        if (any === undefined) throw new Error('nobody is left')
        const [ofAlone, ofGroup] = [await anomaliesOf(group.alone), await anomaliesOf(any)]
        const [wanted, got] = [windowsOf(ofAlone), windowsOf(ofGroup)]
        for (const [at] of bursts.entries())
          expect([...wanted.keys()].filter((key) => burstOf(endOf(key)) === at).length).toBeGreaterThan(
            BURST_MS / STEP_MS / 2,
          )
        // A window's end is left out, by either, when it need not wait so long any more as it had to.
        const both = [...wanted.keys()].filter((key) => got.has(key))
        expect(wanted.size - both.length).toBeLessThanOrEqual(2 * bursts.length)
        expect(got.size - both.length).toBeLessThanOrEqual(2 * bursts.length)
        // A window waits as long as telemetry came late so far: where the machine was held up, what comes later yet is missing from it.
        const other = both.filter((key) => got.get(key) !== wanted.get(key))
        expect(other.map((key) => [key, wanted.get(key), got.get(key)]).slice(bursts.length)).toEqual([])
        // How novel it is depends on which of the windows that overlap were learned, and that of those after the first on little.
        for (const one of [ofAlone, ofGroup]) expect(novelIn(one)[0]).toBe(0)

        const evidence = await evidenceOf(group.alone)
        expect(evidence.map(({ burst }) => burst)).toEqual([...bursts.keys()])
        for (const [at, one] of evidence.entries())
          expect(one).toMatchObject({
            ...{ state: 'resolved', cause: 'payment' },
            evidence: EXCEPTIONS.slice(at, at + 1)
              .flatMap(toldOf)
              .sort(),
          })
        const made = await until(
          'the incidents',
          async () => {
            const now = await evidenceOf(any)
            return JSON.stringify(now) === JSON.stringify(evidence) && now
          },
          60_000,
        ).catch(() => evidenceOf(any))
        expect(made).toEqual(evidence)
        for (const reason of ['malformed', 'incomplete'])
          expect(await group.sum('adf_edges_ignored_total', { reason })).toBe(0)
        for (const reason of ['untold', 'template_limit'])
          expect(await group.sum('adf_log_templates_dropped_total', { reason })).toBe(0)
      },
      6 * LIMIT_MS,
    )
  },
)
