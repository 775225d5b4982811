import { type Graph, Incident, IncidentPage } from '@adf/contract'
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
import { EDGES, type Fault, SERVICES, ShopBatch } from '../harness/shop.ts'
import { allScored } from '../harness/warm-shop.ts'

const PARTITIONS = 4
const EVERY_MS = 40

describeWith(
  kafkaNeeds() ?? needs('postgresql'),
  'several processors that share the spans of a Kafka group',
  () => {
    let group: KafkaGroup

    beforeAll(async () => {
      group = await KafkaGroup.start({
        topics: { otlp_spans: PARTITIONS },
        config: {
          kafka: { topics: { metrics: '', logs: '', dead_letters: '' }, events: [] },
          store: { state_interval: '500ms' },
          edge: {
            ...{ window: '1s', step: '200ms', interval: '1s', max_lateness: '10s' },
            detection: { settle: 0, warm_up: 50, initial_threshold: 0.8 },
          },
          graph: { pairing_window: '2s' },
          incident: { resolve_after: '30m' },
        },
      })
      await group.join('a')
    }, 2 * LIMIT_MS)
    afterAll(async () => {
      await stopLoad()
      await group?.stop()
    }, LIMIT_MS)

    const rng = seeded(11)
    let fault: Fault | undefined
    let going = true
    let requests = 0
    let load: Promise<void> | undefined
    /** Each request is a message, as the collector's exporter keys traces. They are evenly spaced however late they are sent. */
    const startLoad = () => {
      load = (async () => {
        for (let endMs = Date.now(); going; ) {
          await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
          const messages: Parameters<RunningKafka['send']>[0] = []
          for (; endMs < Date.now(); endMs += EVERY_MS) {
            const batch = new ShopBatch(rng)
            batch.request(endMs, fault)
            const value = Buffer.from(encodeJsonRequest('traces', batch.traces))
            messages.push({ topic: 'otlp_spans', key: Buffer.from(`trace-${++requests}`), value })
          }
          if (messages.length > 0)
            await until('they are sent', () => group.kafka.send(messages).then(() => true), LIMIT_MS)
        }
      })()
    }
    const stopLoad = async () => {
      going = false
      await load
    }
    const later = async (more: number) => {
      const from = requests
      await until(`${more} more requests`, () => requests >= from + more, LIMIT_MS)
    }
    const graphOf = async (adf: RunningAdf) => {
      const { nodes, edges } = await adf.json<Graph>('/api/graph')
      return {
        nodes: nodes.map(({ id, kind }) => `${kind} ${id}`).sort(),
        edges: edges
          .map((edge) => `${edge.client} ${edge.server} ${edge.connection} ${edge.calls} ${edge.failures}`)
          .sort(),
      }
    }
    const incidentsOf = async (adf: RunningAdf) => {
      const { items } = IncidentPage.parse(await adf.json('/api/incidents'))
      const whole = await Promise.all(
        items.map(async ({ id }) => Incident.parse(await adf.json(`/api/incidents/${id}`))),
      )
      return whole.map(({ services, causes }) => ({
        services: [...services].sort(),
        cause: causes[0]?.service,
      }))
    }
    test(
      'no partition of spans is begun with before the topic of summaries is there, and that is told',
      async () => {
        const [first] = group.running
        await until(
          'it says so',
          async () => /adf\.edges/.test(JSON.stringify(await (await first?.get('/ready'))?.json())),
          LIMIT_MS,
        )
        await group.kafka.createTopic('adf.edges', 1)
        await group.join('b')
        await group.have(PARTITIONS + 1)
        startLoad()
        await allScored(group.alone)
        const owner = await until(
          'somebody scores all services',
          async () => {
            const all = await group.statuses()
            return all.some(({ entities }) => entities.scored === SERVICES.length)
          },
          LIMIT_MS,
        )
        expect(owner).toBe(true)
      },
      2 * LIMIT_MS,
    )

    test(
      'kill and join under a fault: the graph is that of one alone, to the count, and the incident is found',
      async () => {
        await later(50)
        await group.end('a', 'SIGKILL')
        await later(25)
        await group.join('c')
        await group.have(PARTITIONS + 1)
        await later(50)
        fault = { service: 'payment', errors: 1 }
        await later(60)
        await group.end('b', 'SIGKILL')
        await later(60)
        fault = undefined
        await group.join('d')
        await group.have(PARTITIONS + 1)
        await later(25)
        await stopLoad()
        await group.settled('otlp_spans')

        const wanted = await graphOf(group.alone)
        expect(wanted.edges.map((edge) => edge.split(' ').slice(0, 2).join(' '))).toEqual([...EDGES].sort())
        for (const one of group.running)
          await until(
            'the graph',
            async () => JSON.stringify(await graphOf(one)) === JSON.stringify(wanted),
            30_000,
          ).catch(async () => expect(await graphOf(one)).toEqual(wanted))
        const [any] = group.running
        if (any === undefined) throw new Error('nobody is left')
        // Which others are carried along depends on what each has learned meanwhile, in a warm-up of ten seconds.
        for (const one of [group.alone, any])
          await until('the incident of payment', async () =>
            (await incidentsOf(one)).some(
              ({ services, cause }) => cause === 'payment' && services.includes('payment'),
            ),
          )
        expect(
          (await readAnomalies(any, { stream: 'service' })).some(({ entity }) => entity.id === 'payment'),
        ).toBe(true)
        expect(await group.sum('adf_reducer_leading')).toBe(1)
        for (const reason of ['malformed', 'incomplete'])
          expect(await group.sum('adf_edges_ignored_total', { reason })).toBe(0)
        await until('no lag', async () => (await group.sum('adf_kafka_lag_messages')) <= 2, LIMIT_MS)
      },
      5 * LIMIT_MS,
    )
  },
)
