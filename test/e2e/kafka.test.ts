import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Anomaly, Status, VerdictEntry } from '@adf/contract'
import { encodeJsonRequest } from '@adf/processor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Certificates,
  makeCertificates,
} from '../../packages/service/src/http/certificates.test-data.ts'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { readAnomalies } from '../harness/anomalies.ts'
import { KAFKA_USER, kafkaNeeds, prepareKafka, type RunningKafka } from '../harness/kafka.ts'
import { temporaryFolder, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'

const NORMAL = 230
const GROUP = 'adf-test'
const SMALL = 64 * 1024

/** Far longer than it takes: a broker starts slowly where cores are busy. */
const LIMIT_MS = 180_000

describeWith(kafkaNeeds(), 'a processor on Kafka', () => {
  let certificates: Certificates
  let kafka: RunningKafka
  let adf: RunningAdf
  const folder = temporaryFolder()

  beforeAll(async () => {
    certificates = makeCertificates()
    kafka = await prepareKafka(certificates.server)
    writeFileSync(join(folder.path, 'password'), `${KAFKA_USER.password}\n`)
    adf = await startAdf(
      {
        kafka: {
          brokers: kafka.secure,
          group_id: GROUP,
          tls: { ca_file: certificates.ca },
          sasl: {
            mechanism: 'SCRAM-SHA-512',
            username: KAFKA_USER.name,
            password_file: join(folder.path, 'password'),
          },
          topics: { metrics: '', logs: '' },
          events: [{ topic: 'adf.events' }, { topic: 'service-metrics', stream: 'meters' }],
          publish: { anomalies: 'adf.anomalies', verdicts: 'adf.verdicts' },
          max_dead_letters: 4,
        },
        receiver: { max_request_size: SMALL },
        store: { state_interval: '500ms' },
        edge: {
          ...{ window: '1s', step: '100ms', interval: '1s', max_lateness: '500ms' },
          detection: { settle: 0, warm_up: 50, initial_threshold: 0.9 },
        },
        streams: {
          meters: { kind: 'event', entity: 'id', time: 'at', features: { volts: {} } },
        },
      },
      { ready: '/health' },
    )
  }, LIMIT_MS)
  afterAll(async () => {
    await adf?.stop()
    await kafka?.stop()
    certificates?.remove()
    folder.remove()
  })

  const status = async () => Status.parse(await adf.json('/api/status'))
  const standing = async () => (await status()).kafka
  const connected = () => until('it is in the group', async () => (await standing())?.connected, LIMIT_MS)
  const messages = (topic: string) => adf.metric('adf_kafka_messages_total', { topic })
  const letters = (reason: string) => adf.metric('adf_kafka_dead_letters_total', { reason })

  const sent: { id: string; at: number; volts: number }[] = []
  let clockMs = 0
  /** Events of meters, each at a time of its own. */
  const events = async (ids: readonly string[], volts: (n: number) => number, topic = 'adf.events') => {
    clockMs = Math.max(clockMs, Date.now() - 1000)
    const batch = ids.map((id, n) => ({ id, at: ++clockMs, volts: volts(n) }))
    sent.push(...batch)
    await kafka.send(
      batch.map((event) => ({
        topic,
        key: Buffer.from(event.id),
        value: Buffer.from(JSON.stringify(event)),
        headers: new Map([[Buffer.from('stream'), Buffer.from('meters')]]),
      })),
    )
  }
  const normal = (n: number) => NORMAL + Math.sin(n * 1.7 + clockMs)
  const found = () => readAnomalies(adf, { stream: 'meters' })
  const nameOf = ({ entity, time }: Anomaly) => `${entity.id} ${Date.parse(time)}`
  const outliers = () =>
    sent
      .filter(({ volts }) => volts > 2 * NORMAL)
      .map(({ id, at }) => `${id} ${at}`)
      .sort()
  const allCommitted = (topic: string) =>
    until(
      `all of ${topic} is committed`,
      async () =>
        (await kafka.committed(GROUP, topic)).every(({ committed, end }) => end === 0 || committed === end),
      LIMIT_MS,
    )

  test('starts while no broker answers, says so, and reads when one does; missing topics are told', async () => {
    const ready = await adf.get('/ready')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ reasons: [expect.stringMatching(/^kafka: /)] })
    await kafka.start()
    await kafka.createTopic('adf.events')
    await connected()
    await until('/ready', async () => (await adf.get('/ready')).ok)
    await until('the topic that is there', async () => (await standing())?.missing_topics.length === 2)
    expect((await standing())?.missing_topics).toEqual(['otlp_spans', 'service-metrics'])
    expect(adf.process.output()).toMatch(/otlp_spans.*these topics do not exist/)
    await kafka.createTopic('otlp_spans')
    await kafka.createTopic('service-metrics')
    await until('all topics', async () => (await standing())?.partitions === 9, LIMIT_MS)
    expect(await standing()).toMatchObject({ connected: true, last_error: null, missing_topics: [] })
  }, 600_000)

  test('takes OTLP as the exporter of the collector encodes it, and events of a topic of one stream', async () => {
    const now = Date.now()
    const request = {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: '0af7651916cd43dd8448eb211c80319c',
                  spanId: 'b7ad6b7169203331',
                  name: 'GET /',
                  kind: 2,
                  startTimeUnixNano: String((now - 20) * 1e6),
                  endTimeUnixNano: String(now * 1e6),
                },
              ],
            },
          ],
        },
      ],
    }
    await kafka.send([
      { topic: 'otlp_spans', value: Buffer.from(encodeJsonRequest('traces', request)) },
      { topic: 'otlp_spans', value: Buffer.from(JSON.stringify(request)) },
      { topic: 'service-metrics', value: Buffer.from('{"id":"single","volts":230}') },
    ])
    await until('both spans', async () => (await status()).telemetry.spans.count === 2)
    await until('the event', async () => (await status()).telemetry.events.count === 1)
    expect(await adf.metric('adf_receiver_spans_total', { transport: 'kafka', outcome: 'accepted' })).toBe(2)
  })

  test('poison goes to the topic of dead letters with its reason, and the partition goes on', async () => {
    const before = await messages('otlp_spans')
    await kafka.send([
      { topic: 'otlp_spans', partition: 0, key: Buffer.from('k'), value: Buffer.from([0x0a, 0x7f, 1]) },
      { topic: 'otlp_spans', partition: 0, value: Buffer.alloc(SMALL + 1, 1) },
      { topic: 'otlp_spans', partition: 0, value: Buffer.alloc(0) },
      { topic: 'service-metrics', partition: 0, value: Buffer.from('{"id":') },
      { topic: 'service-metrics', partition: 0, value: Buffer.from('[{"id":"a","volts":230},{"volts":1}]') },
      { topic: 'adf.events', partition: 0, value: Buffer.from('{"id":"a","volts":230}') },
    ])
    const ready = async () => (await adf.get('/ready')).json()
    await until('reading pauses while they cannot be put anywhere', async () =>
      /4 messages wait for the topic adf.dead-letters/.test(JSON.stringify(await ready())),
    )
    expect(await adf.metric('adf_kafka_pauses_total', { reason: 'dead_letters' })).toBe(1)
    await kafka.createTopic('adf.dead-letters', 1)
    await until('/ready again', async () => (await adf.get('/ready')).ok)
    const put = await until('five letters', async () => {
      const read = await kafka.read('adf.dead-letters')
      return read.length === 5 && read
    })
    const reasons = put
      .map(({ headers }) => `${headers.get('adf-topic')} ${headers.get('adf-reason')}`)
      .sort()
    expect(reasons).toEqual([
      'adf.events unknown_stream',
      'otlp_spans malformed',
      'otlp_spans too_large',
      'service-metrics malformed',
      'service-metrics rejected_event',
    ])
    const half = put.find(({ headers }) => headers.get('adf-reason') === 'rejected_event')
    expect(half?.value.toString()).toContain('"volts":1}')
    expect(half?.headers.get('adf-detail')).toMatch(/^event 1: id is nothing/)
    expect(put.every(({ headers }) => /^\d+$/.test(headers.get('adf-offset') ?? ''))).toBe(true)
    await until('what came behind them', async () => (await messages('otlp_spans')) === before + 3)
    expect([await letters('malformed'), await letters('too_large'), await letters('rejected_event')]).toEqual(
      [2, 1, 1],
    )
  })

  test('after SIGKILL and a broker that restarts, under load: no anomaly is lost, none is there twice', async () => {
    const ids = Array.from({ length: 40 }, (_, n) => `meter-${n}`)
    for (let round = 0; round < 60; round++) await events(ids, normal)
    await until('all are scored', async () => {
      await events(ids, normal)
      return (await status()).entities.scored >= ids.length
    })
    // Fits are made beside the stream: what is saved from here on has them.
    await allCommitted('adf.events')
    let going = true
    let rounds = 0
    const resent = new Set<string>()
    const load = (async () => {
      for (; going; rounds++) {
        // Of each round another meter has a spike.
        const spike = rounds % ids.length
        try {
          await events(ids, (n) => (n === spike ? 10 * NORMAL : normal(n)))
        } catch {
          // Whether those messages are there is not known: they are sent again, as messages of their own.
          const batch = sent.slice(-ids.length)
          for (const { id, at } of batch) resent.add(`${id} ${at}`)
          await again(batch)
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    })()
    const later = async (more: number) => {
      const from = rounds
      await until(`${more} more rounds`, () => rounds >= from + more, LIMIT_MS)
    }
    await later(20)
    await adf.kill('SIGKILL')
    await later(10)
    adf = await adf.restart()
    await later(20)
    await kafka.halt('SIGKILL')
    await until('it says so', async () => (await adf.get('/ready')).status === 503, LIMIT_MS)
    await kafka.start()
    await connected()
    await later(10)
    await adf.kill('SIGTERM')
    await later(5)
    adf = await adf.restart()
    await later(10)
    going = false
    await load
    await allCommitted('adf.events')
    const expected = outliers()
    const anomalies = (await found()).map(nameOf).sort()
    expect(anomalies.filter((one) => !expected.includes(one))).toEqual([])
    expect(expected.filter((one) => !anomalies.includes(one))).toEqual([])
    expect(anomalies.filter((one, n) => one === anomalies[n - 1] && !resent.has(one))).toEqual([])
    expect((await standing())?.lag).toBe(0)
    expect(await adf.metric('adf_kafka_uncommitted_messages')).toBe(0)
  }, 600_000)

  test('anomalies and verdicts are published, those of the outage and before the topic was there too', async () => {
    const stored = await found()
    await until(
      'it says so',
      async () =>
        (await status()).deliveries.find(({ name }) => name === 'kafka/adf.anomalies')?.reachable === false,
    )
    await kafka.createTopic('adf.anomalies')
    await kafka.createTopic('adf.verdicts', 1)
    const [anomaly] = stored
    const given = await fetch(`${adf.api}/api/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ anomaly_id: anomaly?.id, verdict: 'true_positive' }),
    })
    expect(given.ok).toBe(true)
    const read = async (topic: string) =>
      (await kafka.read(topic)).map(({ value }) => JSON.parse(value.toString()))
    const ids = stored.map(({ id }) => id).sort()
    const published = await until(
      'all of them',
      async () => {
        const all = (await read('adf.anomalies')).map((one) => Anomaly.parse(one).id)
        return new Set(all).size >= ids.length && all
      },
      LIMIT_MS,
    )
    expect([...new Set(published)].sort()).toEqual(ids)
    const verdicts = await until('the verdict', async () => {
      const all = await read('adf.verdicts')
      return all.length > 0 && all
    })
    expect(verdicts.map((one) => VerdictEntry.parse(one).verdict.anomaly_id)).toEqual([anomaly?.id])
  })

  const again = (batch: readonly { id: string }[]) =>
    until(
      'they can be sent',
      async () => {
        await kafka.send(
          batch.map((event) => ({
            topic: 'adf.events',
            key: Buffer.from(event.id),
            value: Buffer.from(JSON.stringify(event)),
            headers: new Map([[Buffer.from('stream'), Buffer.from('meters')]]),
          })),
        )
        return true
      },
      LIMIT_MS,
    )
})
