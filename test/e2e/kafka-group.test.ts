import { type Anomaly, Status } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Certificates,
  makeCertificates,
} from '../../packages/service/src/http/certificates.test-data.ts'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { readAnomalies } from '../harness/anomalies.ts'
import { kafkaNeeds, prepareKafka, type RunningKafka } from '../harness/kafka.ts'
import { PASSWORD, type RunningPostgres, startPostgres } from '../harness/postgresql.ts'
import { runAdf, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'

const GROUP = 'adf-group'
const TOPIC = 'adf.events'
const PARTITIONS = 6
const ENTITIES = 200
const NORMAL = 230
/** Anomalous vectors in a row that make an incident; an entity has more of them in its run. */
const [OPEN_AFTER, RUN] = [3, 5]
/** Far longer than it takes: a broker starts slowly where cores are busy. */
const LIMIT_MS = 300_000

describeWith(
  kafkaNeeds() ?? needs('postgresql'),
  'several processors on one Kafka group and one schema',
  () => {
    let certificates: Certificates
    let kafka: RunningKafka
    let postgres: RunningPostgres
    /** Alone on a store of its own, with the same input. */
    let alone: RunningAdf
    const members = new Map<string, RunningAdf>()

    const config = (store: object, kafkaSection: object) => ({
      kafka: {
        brokers: kafka.brokers,
        topics: { spans: '', metrics: '', logs: '', dead_letters: '' },
        ...kafkaSection,
      },
      store: { state_interval: '1s', ...store },
      edge: {
        ...{ window: '1s', step: '200ms', interval: '1s', max_lateness: '500ms' },
        detection: { settle: 0, warm_up: 50, initial_threshold: 0.9 },
      },
      incident: { open_after: OPEN_AFTER, resolve_after: '30m' },
      streams: { meters: { kind: 'event', entity: 'id', time: 'at', features: { volts: {} } } },
    })
    const memberConfig = (member: string) =>
      config(
        { url: postgres.url(), password: PASSWORD, connect_timeout: '2s', statement_timeout: '5s' },
        { group_id: GROUP, member },
      )
    const join = async (member: string) => {
      members.set(member, await startAdf(memberConfig(member), { ready: '/health' }))
    }

    beforeAll(async () => {
      certificates = makeCertificates()
      ;[kafka, postgres] = await Promise.all([prepareKafka(certificates.server), startPostgres()])
      await kafka.start()
      await kafka.createTopic(TOPIC, PARTITIONS)
      alone = await startAdf(config({}, { group_id: 'adf-alone' }), { ready: '/health' })
      // The schema is made by one of them.
      await join('a')
      await Promise.all([join('b'), join('c')])
    }, 2 * LIMIT_MS)
    afterAll(async () => {
      await Promise.all([...members.values(), alone].map((one) => one?.stop()))
      await kafka?.stop()
      await postgres?.stop()
      certificates?.remove()
    }, LIMIT_MS)

    const ids = Array.from({ length: ENTITIES }, (_, n) => `meter-${n}`)
    const sent: { id: string; at: number; volts: number }[] = []
    let clockMs = 0
    const send = async (events: readonly { id: string }[]) =>
      kafka.send(
        events.map((event) => ({
          topic: TOPIC,
          key: Buffer.from(event.id),
          value: Buffer.from(JSON.stringify(event)),
          headers: new Map([[Buffer.from('stream'), Buffer.from('meters')]]),
        })),
      )
    /** One event of each meter; until the broker has it for certain, it may have it twice. */
    const round = async (odd: (n: number) => boolean) => {
      clockMs = Math.max(clockMs, Date.now() - 1000)
      const events = ids.map((id, n) => {
        const at = ++clockMs
        return { id, at, volts: odd(n) ? 10 * NORMAL : NORMAL + Math.sin(n * 1.7 + at) }
      })
      sent.push(...events)
      await until('they are sent', () => send(events).then(() => true), LIMIT_MS)
    }
    const nameOf = ({ entity, time }: Anomaly) => `${entity.id} ${Date.parse(time)}`
    const found = (adf: RunningAdf) => readAnomalies(adf, { stream: 'meters' })
    /** The anomalies of each incident. */
    const incidentsOf = (anomalies: readonly Anomaly[]) => {
      const grouped = Map.groupBy(
        anomalies.filter(({ incident_id }) => incident_id !== null),
        ({ incident_id }) => incident_id,
      )
      return [...grouped.values()].map((of) => [...new Set(of.map(nameOf))].sort().join(', ')).sort()
    }
    const statusOf = async (adf: RunningAdf) => Status.parse(await adf.json('/api/status'))
    const running = () => [...members.values()]
    const sum = async (metric: string, labels?: Record<string, string>) =>
      (await Promise.all(running().map((one) => one.metric(metric, labels)))).reduce(
        (all, one) => all + one,
        0,
      )
    const scored = async () =>
      (await Promise.all(running().map(statusOf))).reduce((all, { entities }) => all + entities.scored, 0)
    const oneHas = (partitions: number) =>
      until(
        'each partition has one member',
        async () => {
          const all = (await Promise.all(running().map(statusOf))).map(({ kafka }) => kafka?.partitions ?? 0)
          return all.reduce((a, b) => a + b, 0) === partitions && all.every((one) => one > 0)
        },
        LIMIT_MS,
      )
    const settled = (group: string) =>
      until(
        `all is committed by ${group}`,
        async () => (await kafka.committed(group, TOPIC)).every(({ committed, end }) => committed === end),
        LIMIT_MS,
      )

    test(
      'the partitions are shared, each entity is learned by one, and a name is of one process',
      async () => {
        await oneHas(PARTITIONS)
        for (let n = 0; n < 60; n++) await round(() => false)
        await until(
          'all are scored',
          async () => {
            await round(() => false)
            return (await scored()) === ENTITIES && (await statusOf(alone)).entities.scored === ENTITIES
          },
          LIMIT_MS,
        )
        expect(await sum('adf_vectors_skipped_total', { reason: 'elsewhere' })).toBe(0)
        await until('one of them leads', async () => (await sum('adf_reducer_leading')) === 1, LIMIT_MS)
        const [first] = running()
        const twin = runAdf(['up', '--config', `${first?.folder}/adf.yaml`])
        expect(await twin.exited).toBe(1)
        expect(twin.output()).toMatch(/is in use by another adf, pid \d+ on /)
      },
      2 * LIMIT_MS,
    )

    test(
      'kill, join, stop, sleep, broker and database away: anomalies and incidents are those of one alone',
      async () => {
        // What is saved from here on has the fits, which are made beside the stream.
        await Promise.all([settled(GROUP), settled('adf-alone')])
        let going = true
        let rounds = 0
        const load = (async () => {
          // In each round another meter has a spike, and every tenth one begins a run of them.
          for (; going; rounds++) {
            const inRun = (n: number) => n % 10 === 3 && rounds >= n && rounds < n + RUN
            await round((n) => n === (rounds * 7) % ENTITIES || inRun(n))
            await new Promise((resolve) => setTimeout(resolve, 50))
          }
        })()
        const later = async (more: number) => {
          const from = rounds
          await until(`${more} more rounds`, () => rounds >= from + more, LIMIT_MS)
        }
        const take = (name: string): RunningAdf => {
          const member = members.get(name)
          if (member === undefined) throw new Error(`${name} is no member`)
          members.delete(name)
          return member
        }
        await later(15)
        const killed = take('a')
        await killed.kill('SIGKILL')
        await later(10)
        await join('d')
        await later(10)
        const stopped = take('b')
        expect(await stopped.kill('SIGTERM')).toBe(0)
        await later(10)
        // Asleep until others have its partitions: what it still writes then is refused.
        const sleeper = members.get('c')
        sleeper?.process.child.kill('SIGSTOP')
        const awake = running().filter((one) => one !== sleeper)
        await until(
          'its partitions are with the other',
          async () =>
            (await Promise.all(awake.map(statusOf))).some(({ kafka }) => kafka?.partitions === PARTITIONS),
          LIMIT_MS,
        )
        await later(5)
        sleeper?.process.child.kill('SIGCONT')
        await later(10)
        await kafka.halt('SIGKILL')
        await kafka.start()
        await later(10)
        await postgres.halt('immediate')
        await until(
          'somebody notices',
          async () => (await Promise.all(running().map((one) => one.get('/ready')))).some(({ ok }) => !ok),
          LIMIT_MS,
        )
        await postgres.start()
        await later(10)
        going = false
        await load
        await Promise.all([settled(GROUP), settled('adf-alone')])

        const expected = sent
          .filter(({ volts }) => volts > 2 * NORMAL)
          .map(({ id, at }) => `${id} ${at}`)
          .sort()
        const [any] = running()
        if (any === undefined) throw new Error('nobody is left')
        const unique = (all: readonly Anomaly[]) => [...new Set(all.map(nameOf))].sort()
        const [ofAlone, ofGroup] = [await found(alone), await found(any)]
        expect(unique(ofAlone)).toEqual(expected)
        expect(unique(ofGroup)).toEqual(expected)
        // An event that the broker has twice is two events, for both.
        expect(ofGroup.map(({ id }) => id).sort()).toEqual(ofAlone.map(({ id }) => id).sort())

        const wanted = incidentsOf(ofAlone)
        expect(wanted.length).toBeGreaterThan(2)
        const made = await until(
          'the incidents',
          async () => {
            const now = incidentsOf(await found(any))
            return now.join('; ') === wanted.join('; ') && now
          },
          60_000,
        ).catch(async () => incidentsOf(await found(any)))
        expect(made).toEqual(wanted)
        await until(
          'no lag',
          async () => (await sum('adf_kafka_lag_messages')) === 0 && (await sum('adf_reducer_leading')) === 1,
          LIMIT_MS,
        )
      },
      5 * LIMIT_MS,
    )
  },
)
