import { expect, test } from 'vitest'
import { Config } from '../config.ts'

const good = {
  kafka: { brokers: ['k:9092'], member: 'adf-0', topics: { spans: '', logs: '' } },
  store: { url: 'postgres://adf@db/adf' },
}
const faultsOf = (config: object) =>
  Config.safeParse(config).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

test('a member needs Kafka and PostgreSQL', () => {
  expect(faultsOf(good)).toEqual([])
  expect(faultsOf({ kafka: { member: 'adf-0' } }).map((fault) => fault.split(':')[0])).toEqual([
    'kafka.brokers',
    'store.url',
  ])
})

test.each([
  [{ edge: { detection: { detectors: ['robust', 'lstm'] } } }, 'edge.detection.detectors: lstm is for'],
  [{ edge: { detection: { compare: ['tcn'] } } }, 'edge.detection.detectors: tcn is for'],
  [{ slo: { services: { web: 0.99 } } }, 'slo: is for'],
  [{ kafka: { ...good.kafka, topics: { logs: '', edges: '' } } }, 'kafka.topics.edges: is required'],
  [{ kafka: { ...good.kafka, topics: { spans: '', edges: '' } } }, 'kafka.topics.edges: is required'],
  [{ federation: { enabled: true, url: 'http://f:8081' } }, 'federation.enabled: is for'],
])('what the members cannot share yet is refused: %j', (more, fault) => {
  expect(faultsOf({ ...good, ...more })).toEqual([expect.stringContaining(fault)])
})

test('a name is of letters, digits and a few signs: it is part of a lock', () => {
  const named = (member: string) => faultsOf({ ...good, kafka: { ...good.kafka, member } })
  expect(named("a'; drop table x")).toHaveLength(1)
  expect(named('')).toHaveLength(1)
  expect(named('adf-0.eu_1')).toEqual([])
})
