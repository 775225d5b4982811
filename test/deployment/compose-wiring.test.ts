import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EntityPage, IncidentPage, Status } from '@adf/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtVariant, collector, collectorNeeds, hasCollector, variantNeeds } from '../harness/collector.ts'
import { BUILD_MS, builtCollector } from '../harness/collector-pipeline.ts'
import { composeVariables, ROOT, readCompose } from '../harness/compose.ts'
import { type ComposeStack, startComposeStack } from '../harness/compose-stack.ts'
import { kafkaNeeds } from '../harness/kafka.ts'
import { until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { SERVICES } from '../harness/shop.ts'
import { startTraffic, type Traffic } from '../harness/traffic.ts'

const START_MS = 180_000

test('.env.example has every variable of docker-compose.yml, with its default', () => {
  const lines = readFileSync(join(ROOT, '.env.example'), 'utf8').split('\n')
  const example = Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
      return name === undefined ? [] : [[name, value ?? '']]
    }),
  )
  expect(Object.keys(example).toSorted()).toEqual(composeVariables())
  expect(readCompose(example)).toEqual(readCompose())
})

const full = builtVariant('full')
const missing = hasCollector() ? undefined : collectorNeeds

// The files' processes with their configurations, commands and environment: addresses alone are others, and windows are small.
describeWith(missing ?? needs('prometheus', 'alertmanager'), 'the wiring of docker-compose.small.yml', () => {
  wiring({ small: true, collector, left: ['processors/memory_limiter'], jobs: [] })
})

// A collector that writes to Kafka takes far longer to build than the other: its tests are left out where it is not there.
describe.skipIf(full === undefined)(
  `with Kafka${full === undefined ? ` (skipped: ${variantNeeds('full')})` : ''}`,
  () => {
    describeWith(
      kafkaNeeds() ?? needs('prometheus', 'alertmanager', 'postgresql'),
      'the wiring of docker-compose.yml',
      () => {
        wiring({ small: false, collector: () => full ?? '', left: [], jobs: ['adf-federation'] })
      },
    )
  },
)

interface Wiring {
  readonly small: boolean
  readonly collector: () => string
  /** What the collector does not have of its configuration. */
  readonly left: readonly string[]
  /** Jobs of Prometheus that are up beside those of every form. */
  readonly jobs: readonly string[]
}

function wiring({ small, collector, left, jobs }: Wiring) {
  let stack: ComposeStack
  let traffic: Traffic

  beforeAll(async () => {
    if (small) await builtCollector()
    stack = await startComposeStack({
      small,
      collector: collector(),
      processor: {
        ADF_EDGE__INTERVAL: '1s',
        ADF_EDGE__DETECTION__WARM_UP: '50',
        ADF_EDGE__DETECTION__INITIAL_THRESHOLD: '0.7',
      },
    })
    expect(stack.left).toEqual(left)
    traffic = startTraffic(stack.otlp)
    await until(
      'a score for every service',
      async () => {
        const { items } = await stack.json<EntityPage>('processor:8080', '/api/entities?stream=service')
        const scored = items.filter(({ streams }) =>
          streams.some(({ stream, state }) => stream === 'service' && state === 'scored'),
        )
        return scored.length === SERVICES.length
      },
      START_MS,
    )
  }, BUILD_MS)
  afterAll(async () => {
    await traffic?.stop().catch(() => {})
    await stack?.stop()
  })

  test('Prometheus scrapes every part', async () => {
    await until(
      'targets up',
      async () => {
        const { data } = await stack.json<{
          data: { result: { metric: { job: string }; value: [number, string] }[] }
        }>('prometheus:9090', '/api/v1/query?query=up==1')
        const up = new Set(data.result.map(({ metric }) => metric.job))
        return ['adf-processor', 'adf-webhook', 'otel-collector', 'alertmanager', ...jobs].every((job) =>
          up.has(job),
        )
      },
      60_000,
    )
  })

  test(`telemetry comes ${small ? 'from the collector' : 'by Kafka'}`, async () => {
    const { kafka, telemetry } = await stack.json<Status>('processor:8080', '/api/status')
    expect(telemetry.spans.count).toBeGreaterThan(0)
    if (small) expect(kafka).toBeNull()
    else expect(kafka).toMatchObject({ connected: true, last_error: null, missing_topics: [] })
  })

  test('traces are at Jaeger too', () => {
    expect(new Set(stack.jaeger.received.map(({ signal }) => signal))).toEqual(new Set(['traces']))
  })

  test('a fault becomes an incident, an alert, a notification; one click on its link a verdict', async () => {
    traffic.strike({ service: 'payment', errors: 1 })
    const incident = await until('an incident of payment', async () => {
      const { items } = await stack.json<IncidentPage>(
        'processor:8080',
        '/api/incidents?state=open&service=payment',
      )
      return items[0]
    })
    const alert = await until('its alert', async () => {
      const alerts = await stack.json<
        {
          labels: Record<string, string>
          annotations: Record<string, string>
          receivers: { name: string }[]
        }[]
      >('alertmanager:9093', '/api/v2/alerts')
      return alerts.find(({ labels }) => labels['incident'] === incident.id)
    })
    expect(alert.annotations['incident_url']).toBe(`http://127.0.0.1:3000/a/adf-app/incidents/${incident.id}`)
    expect(alert.receivers.map(({ name }) => name).toSorted()).toEqual(['adf', 'on-call'])
    await until('the notification at the webhook', async () => {
      const { items } = await stack.json<{ items: { labels: Record<string, string> }[] }>(
        'webhook:8082',
        '/api/alerts',
      )
      return items.some(({ labels }) => labels['incident'] === incident.id)
    })
    const link = alert.annotations['useful_url'] ?? ''
    expect(link.startsWith(stack.url('webhook:8082'))).toBe(true)
    expect((await fetch(link, { method: 'POST', body: new URLSearchParams() })).status).toBe(200)
    await until('the verdict at the processor', async () => {
      const { verdict } = await stack.json<{ verdict: string | null }>(
        'processor:8080',
        `/api/incidents/${incident.id}`,
      )
      return verdict === 'true_positive'
    })
  })
}
