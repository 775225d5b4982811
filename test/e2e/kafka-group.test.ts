import type { Anomaly } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningAdf } from '../harness/adf.ts'
import { readAnomalies } from '../harness/anomalies.ts'
import { kafkaNeeds } from '../harness/kafka.ts'
import { KafkaGroup, LIMIT_MS, statusOf } from '../harness/kafka-group.ts'
import { runAdf, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'

const TOPIC = 'adf.events'
const PARTITIONS = 6
const ENTITIES = 200
const NORMAL = 230
/** Anomalous vectors in a row that make an incident; an entity has more of them in its run. */
const [OPEN_AFTER, RUN] = [3, 5]

describeWith(
  kafkaNeeds() ?? needs('postgresql'),
  'several processors on one Kafka group and one schema',
  () => {
    let group: KafkaGroup

    beforeAll(async () => {
      group = await KafkaGroup.start({
        topics: { [TOPIC]: PARTITIONS },
        database: { connect_timeout: '2s', statement_timeout: '5s' },
        config: {
          kafka: { topics: { spans: '', metrics: '', logs: '', dead_letters: '' } },
          store: { state_interval: '1s' },
          edge: {
            ...{ window: '1s', step: '200ms', interval: '1s', max_lateness: '500ms' },
            detection: { settle: 0, warm_up: 50, initial_threshold: 0.9 },
          },
          incident: { open_after: OPEN_AFTER, resolve_after: '30m' },
          streams: { meters: { kind: 'event', entity: 'id', time: 'at', features: { volts: {} } } },
        },
      })
      // The schema is made by one of them.
      await group.join('a')
      await Promise.all([group.join('b'), group.join('c')])
    }, 2 * LIMIT_MS)
    afterAll(() => group?.stop(), LIMIT_MS)

    const ids = Array.from({ length: ENTITIES }, (_, n) => `meter-${n}`)
    const sent: { id: string; at: number; volts: number }[] = []
    let clockMs = 0
    const send = async (events: readonly { id: string }[]) =>
      group.kafka.send(
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
    const scored = async () =>
      (await group.statuses()).reduce((all, { entities }) => all + entities.scored, 0)
    test(
      'the partitions are shared, each entity is learned by one, and a name is of one process',
      async () => {
        await group.have(PARTITIONS, { each: true })
        for (let n = 0; n < 60; n++) await round(() => false)
        await until(
          'all are scored',
          async () => {
            await round(() => false)
            return (await scored()) === ENTITIES && (await statusOf(group.alone)).entities.scored === ENTITIES
          },
          LIMIT_MS,
        )
        expect(await group.sum('adf_vectors_skipped_total', { reason: 'elsewhere' })).toBe(0)
        await until('one of them leads', async () => (await group.sum('adf_reducer_leading')) === 1, LIMIT_MS)
        const [first] = group.running
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
        await group.settled(TOPIC)
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
        await later(15)
        await group.end('a', 'SIGKILL')
        await later(10)
        await group.join('d')
        await later(10)
        expect(await group.end('b', 'SIGTERM')).toBe(0)
        await later(10)
        // Asleep until others have its partitions: what it still writes then is refused.
        const sleeper = group.get('c')
        sleeper.process.child.kill('SIGSTOP')
        const awake = group.running.filter((one) => one !== sleeper)
        await until(
          'its partitions are with the other',
          async () =>
            (await Promise.all(awake.map(statusOf))).some(({ kafka }) => kafka?.partitions === PARTITIONS),
          LIMIT_MS,
        )
        await later(5)
        sleeper.process.child.kill('SIGCONT')
        await later(10)
        await group.kafka.halt('SIGKILL')
        await group.kafka.start()
        await later(10)
        await group.postgres.halt('immediate')
        await until(
          'somebody notices',
          async () =>
            (await Promise.all(group.running.map((one) => one.get('/ready')))).some(({ ok }) => !ok),
          LIMIT_MS,
        )
        await group.postgres.start()
        await later(10)
        going = false
        await load
        await group.settled(TOPIC)

        const expected = sent
          .filter(({ volts }) => volts > 2 * NORMAL)
          .map(({ id, at }) => `${id} ${at}`)
          .sort()
        const [any] = group.running
        if (any === undefined) throw new Error('nobody is left')
        const unique = (all: readonly Anomaly[]) => [...new Set(all.map(nameOf))].sort()
        const [ofAlone, ofGroup] = [await found(group.alone), await found(any)]
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
          async () =>
            (await group.sum('adf_kafka_lag_messages')) === 0 &&
            (await group.sum('adf_reducer_leading')) === 1,
          LIMIT_MS,
        )
      },
      5 * LIMIT_MS,
    )
  },
)
