import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificates } from '../../packages/service/src/http/certificates.test-data.ts'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { builtVariant, type CollectorVariant, startCollector, variantNeeds } from '../harness/collector.ts'
import { kafkaNeeds, prepareKafka, type RunningKafka } from '../harness/kafka.ts'
import { startOtlpEndpoint } from '../harness/otlp-endpoint.ts'
import { freePort, type Running, temporaryFolder, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { SPANS_PER_REQUEST } from '../harness/shop.ts'
import { startTraffic } from '../harness/traffic.ts'

const folder = join(import.meta.dirname, '../../provisioning/otel-collector')
/** Far longer than it takes: collectors of this size and a broker start slowly where cores are busy. */
const LIMIT_MS = 240_000
const ENV = {
  ADF_ENDPOINT: '127.0.0.1:14317',
  JAEGER_ENDPOINT: '127.0.0.1:34317',
  BACKBONE_ENDPOINT: '127.0.0.1:24317',
  ADF_HOST: 'localhost',
  KAFKA_BROKERS: '127.0.0.1:9092',
  TARGETS: '127.0.0.1:9100',
}

const temporary = temporaryFolder()
const running: Running[] = []
afterAll(async () => {
  for (const program of running.toReversed()) await program.stop()
  temporary.remove()
})

const describeVariant = (variant: CollectorVariant, name: string, tests: (program: string) => void) => {
  const program = builtVariant(variant)
  describe.skipIf(program === undefined)(
    `${name}${program === undefined ? ` (skipped: ${variantNeeds(variant)})` : ''}`,
    () => tests(program ?? ''),
  )
}

/** The file with a free port in place of each that it listens on, and which ones these are. */
async function onFreePorts(name: string, change: (text: string) => string = (text) => text) {
  let text = change(readFileSync(join(folder, `${name}.yaml`), 'utf8'))
  const ports = new Map<string, number>()
  const LISTENS = /(127\.0\.0\.1}:|port: )(\d+)/g
  for (const [, , port = ''] of text.matchAll(LISTENS))
    if (!ports.has(port)) ports.set(port, await freePort())
  text = text.replace(LISTENS, (_all, before: string, port: string) => `${before}${ports.get(port)}`)
  const path = join(temporary.path, `${basename(name)}.yaml`)
  writeFileSync(path, text)
  return { path, at: (port: number) => `http://127.0.0.1:${ports.get(String(port))}` }
}

const start = async (program: string, path: string, env: Record<string, string>, own: string) => {
  const started = startCollector(path, env, undefined, program)
  running.push(started)
  await Promise.race([
    until('its metrics', async () => (await fetch(`${own}/metrics`)).ok, LIMIT_MS),
    started.exited.then((code) => {
      throw new Error(`the collector ended with ${code}:\n${started.output()}`)
    }),
  ])
  return started
}

const endpointOf = (adf: RunningAdf) => ({ ADF_ENDPOINT: `127.0.0.1:${adf.grpcPort}` })
const spansOf = (adf: RunningAdf) => adf.metric('adf_receiver_spans_total', { outcome: 'accepted' })
const logsOf = (adf: RunningAdf) => adf.metric('adf_receiver_log_records_total', { outcome: 'accepted' })
const pointsOf = (adf: RunningAdf) => adf.metric('adf_receiver_points_total', { outcome: 'accepted' })

async function sendSpans(url: string, requests: number): Promise<number> {
  const traffic = startTraffic(url, { perSecond: 20 })
  await until('spans', () => traffic.sent.spans >= requests * SPANS_PER_REQUEST, LIMIT_MS)
  await traffic.stop()
  return traffic.sent.spans
}

describeVariant('agent', 'the agent with log files', (program) => {
  test('its configuration is accepted as it stands', () => {
    const args = ['validate', `--config=${join(folder, 'agent.yaml')}`]
    execFileSync(program, args, { env: { ...process.env, ...ENV }, stdio: 'pipe' })
  })

  test('lines of a log file are records of their service, at the backbone and at ADF, once over a restart', async () => {
    const [backbone, adf] = [await startOtlpEndpoint(), await startAdf()]
    const file = join(temporary.path, 'orders.json')
    writeFileSync(file, '{"level":30,"msg":"before it came","service":"orders"}\n')
    const { path, at } = await onFreePorts('agent')
    const env = {
      ...endpointOf(adf),
      BACKBONE_ENDPOINT: `127.0.0.1:${backbone.grpcPort}`,
      LOG_FILES: join(temporary.path, '*.json'),
      STORAGE: join(temporary.path, 'storage'),
    }
    const write = (from: number, to: number) => {
      for (let n = from; n < to; n++)
        appendFileSync(
          file,
          `${JSON.stringify({ level: n % 2 === 0 ? 30 : 50, msg: `order ${n} refused`, service: 'orders' })}\n`,
        )
    }
    try {
      let agent = await start(program, path, env, at(8888))
      await until('it follows the file', () => agent.output().includes('Started watching file'), LIMIT_MS)
      write(0, 20)
      await until('twenty records', async () => (await logsOf(adf)) >= 20, LIMIT_MS)
      await agent.stop()
      write(20, 30)
      agent = await start(program, path, env, at(8888))
      await until('thirty records', async () => (await logsOf(adf)) >= 30, LIMIT_MS)
      expect(await logsOf(adf)).toBe(30)
      const text = backbone.received
        .filter(({ signal }) => signal === 'logs')
        .map(({ body }) => body.toString('latin1'))
        .join('')
      for (let n = 0; n < 30; n++) expect(text.split(`order ${n} refused`), `order ${n}`).toHaveLength(2)
      expect(text).toContain('service.name')
      expect(text).not.toContain('before it came')
    } finally {
      await adf.stop()
      backbone.stop()
    }
  }, 600_000)
})

describeVariant('full', 'the collector with all other components', (program) => {
  test.each([
    'compose',
    'compose-kafka',
    'from-beats',
    'from-jaeger-zipkin',
    'from-kafka',
    'from-prometheus',
    'gateway',
    'to-kafka',
  ])(
    'accepts %s.yaml as it stands',
    (name) => {
      const args = ['validate', `--config=${join(folder, `${name}.yaml`)}`]
      execFileSync(program, args, { env: { ...process.env, ...ENV }, stdio: 'pipe' })
    },
    LIMIT_MS,
  )

  describe('towards ADF', () => {
    let adf: RunningAdf
    beforeAll(async () => {
      adf = await startAdf()
    }, LIMIT_MS)
    afterAll(() => adf?.stop())

    test(
      'a scrape of Prometheus',
      async () => {
        const target = createServer((_request, response) =>
          response
            .setHeader('content-type', 'text/plain; version=0.0.4')
            .end('# TYPE depth gauge\ndepth 3\n'),
        )
        const port = await freePort()
        target.listen(port, '127.0.0.1')
        const { path, at } = await onFreePorts('from-prometheus', (text) =>
          text.replace('scrape_interval: 15s', 'scrape_interval: 1s'),
        )
        const collector = await start(
          program,
          path,
          { ...endpointOf(adf), TARGETS: `127.0.0.1:${port}` },
          at(8888),
        )
        await until('points', async () => (await pointsOf(adf)) > 0, LIMIT_MS)
        await collector.stop()
        target.close()
      },
      LIMIT_MS,
    )

    test(
      "Zipkin's spans",
      async () => {
        const { path, at } = await onFreePorts('from-jaeger-zipkin')
        const collector = await start(program, path, endpointOf(adf), at(8888))
        const before = await spansOf(adf)
        const response = await fetch(`${at(9411)}/api/v2/spans`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify([
            {
              traceId: '0af7651916cd43dd8448eb211c80319c',
              id: 'b7ad6b7169203331',
              kind: 'SERVER',
              name: 'get /',
              timestamp: Date.now() * 1000,
              duration: 20_000,
              localEndpoint: { serviceName: 'zipped' },
            },
          ]),
        })
        expect(response.status).toBe(202)
        await until('the span', async () => (await spansOf(adf)) === before + 1, LIMIT_MS)
        await collector.stop()
      },
      LIMIT_MS,
    )

    test(
      'the gateway',
      async () => {
        const { path, at } = await onFreePorts('gateway')
        const env = { ADF_HOST: 'localhost', ADF_PORT: String(adf.grpcPort) }
        const collector = await start(program, path, env, at(8888))
        const before = await spansOf(adf)
        const sent = await sendSpans(at(4318), 20)
        await until('all spans', async () => (await spansOf(adf)) >= before + sent, LIMIT_MS)
        expect(await spansOf(adf)).toBe(before + sent)
        await collector.stop()
      },
      LIMIT_MS,
    )
  })

  describeWith(kafkaNeeds(), 'by Kafka', () => {
    const certificates = makeCertificates()
    let kafka: RunningKafka
    let adf: RunningAdf
    beforeAll(async () => {
      kafka = await prepareKafka(certificates.server)
      await kafka.start()
      for (const topic of ['otlp_spans', 'otlp_metrics', 'otlp_logs', 'beats']) await kafka.createTopic(topic)
      adf = await startAdf()
    }, LIMIT_MS)
    afterAll(async () => {
      await adf?.stop()
      await kafka?.stop()
      certificates.remove()
    })

    test(
      'to-kafka.yaml and from-kafka.yaml bring every span once',
      async () => {
        const env = { KAFKA_BROKERS: kafka.brokers[0] ?? '' }
        // Its group begins with what comes after it: here with all.
        const from = await onFreePorts('from-kafka', (text) =>
          text.replace('initial_offset: latest', 'initial_offset: earliest'),
        )
        const to = await onFreePorts('to-kafka')
        const writes = await start(program, to.path, env, to.at(8888))
        const reads = await start(program, from.path, { ...env, ...endpointOf(adf) }, from.at(8888))
        const sent = await sendSpans(to.at(4318), 20)
        await until('all spans', async () => (await spansOf(adf)) >= sent, LIMIT_MS)
        expect(await spansOf(adf)).toBe(sent)
        await writes.stop()
        await reads.stop()
      },
      LIMIT_MS,
    )

    test(
      "from-beats.yaml makes records of Filebeat's documents",
      async () => {
        const { path, at } = await onFreePorts('from-beats', (text) =>
          text.replace('initial_offset: latest', 'initial_offset: earliest'),
        )
        const env = { KAFKA_BROKERS: kafka.brokers[0] ?? '', ...endpointOf(adf) }
        const collector = await start(program, path, env, at(8888))
        const before = await logsOf(adf)
        const time = new Date().toISOString()
        await kafka.send(
          ['info', 'error'].map((level) => ({
            topic: 'beats',
            value: Buffer.from(
              JSON.stringify({
                '@timestamp': time,
                message: `payment ${level}`,
                service: { name: 'payment' },
                host: { name: 'node-1' },
                log: { level },
              }),
            ),
          })),
        )
        await until('both records', async () => (await logsOf(adf)) === before + 2, LIMIT_MS)
        await collector.stop()
      },
      LIMIT_MS,
    )
  })
})
