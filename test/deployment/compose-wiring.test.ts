import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { EntityPage, IncidentPage } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collector, collectorNeeds, hasCollector } from '../harness/collector.ts'
import { BUILD_MS, builtCollector } from '../harness/collector-pipeline.ts'
import { componentsOf, restrictConfig } from '../harness/collector-restriction.ts'
import { composeVariables, mounted, ROOT, readCompose, relocate } from '../harness/compose.ts'
import { startOtlpEndpoint } from '../harness/otlp-endpoint.ts'
import { type RunningPostgres, startPostgres } from '../harness/postgresql.ts'
import { freePort, type Running, run, runAdf, temporaryFolder, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { findServer, needs } from '../harness/servers.ts'
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

// The file's processes with its configurations, commands and environment: addresses alone are others, and windows are small.
const missing = hasCollector() ? undefined : collectorNeeds
describeWith(
  missing ?? needs('prometheus', 'alertmanager', 'postgresql'),
  'the wiring of docker-compose.yml',
  () => {
    const temporary = temporaryFolder()
    const secrets = join(temporary.path, 'secrets')
    const running: Running[] = []
    const places: Record<string, string> = {}
    let services: ReturnType<typeof readCompose>
    let postgres: RunningPostgres
    let jaeger: Awaited<ReturnType<typeof startOtlpEndpoint>>
    let traffic: Traffic
    let otlp = 0
    let consolePort = 0

    const local = (text: string) =>
      relocate(text, Object.keys(services), places).replaceAll('/run/adf', secrets)
    const url = (address: string) => `http://${places[address]}`
    const portOf = (address: string) => places[address]?.split(':')[1] ?? ''
    const json = async <T>(address: string, path: string): Promise<T> =>
      (await (await fetch(`${url(address)}${path}`)).json()) as T
    /** A file or folder of the service's container, with the addresses of this machine. */
    const placed = (name: string, path: string): string => {
      const source = services[name] && mounted(services[name], path)
      if (source === undefined) throw new Error(`${name} has no ${path}`)
      const target = join(temporary.path, name, basename(path))
      mkdirSync(join(temporary.path, name), { recursive: true })
      cpSync(source, target, { recursive: true })
      for (const file of [target, ...globSync(join(target, '**/*.{yml,yaml}'))])
        if (/\.ya?ml$/.test(file)) writeFileSync(file, local(readFileSync(file, 'utf8')))
      return target
    }
    const begin = (program: Running) => {
      running.push(program)
      return program
    }
    const ready = (address: string, path: string, program: Running) =>
      Promise.race([
        until(address, async () => (await fetch(`${url(address)}${path}`)).ok, START_MS),
        program.exited.then((code) => {
          throw new Error(`${address} ended with ${code}:\n${program.output()}`)
        }),
      ])
    /** A service of ADF's own image. */
    const startOwn = async (name: string, address: string, more: Record<string, string> = {}) => {
      const service = services[name]
      if (service === undefined) throw new Error(`no service ${name}`)
      const environment = Object.fromEntries(
        Object.entries(service.environment).map(([key, value]) => [key, local(value)]),
      )
      const args = service.command.map((arg) => (arg.startsWith('/etc/adf/') ? placed(name, arg) : arg))
      // The console stands for Grafana, which is not here.
      const off = args.indexOf('off')
      if (off !== -1) args[off] = String(consolePort)
      const folder = join(temporary.path, `${name}-data`)
      mkdirSync(folder)
      const listen = { ADF_API__HOST: '127.0.0.1', ADF_API__PORT: portOf(address) }
      const program = begin(runAdf(args, { cwd: folder, env: { ...environment, ...listen, ...more } }))
      await ready(address, '/ready', program)
    }

    beforeAll(async () => {
      await builtCollector()
      jaeger = await startOtlpEndpoint()
      for (const address of [
        'processor:8080',
        'processor:4317',
        'webhook:8082',
        'federation:8081',
        'collector:8888',
        'prometheus:9090',
        'alertmanager:9093',
      ])
        places[address] = `127.0.0.1:${await freePort()}`
      places['jaeger:4317'] = `127.0.0.1:${jaeger.grpcPort}`
      otlp = await freePort()
      consolePort = await freePort()
      services = readCompose({
        FEEDBACK_URL: url('webhook:8082'),
        ADF_WINDOW: '1s',
        ADF_STEP: '100ms',
        LOG_LEVEL: 'warn',
      })
      const [node, script] = services['secrets']?.entrypoint ?? []
      expect([node, script]).toEqual(['node', '/app/provisioning/compose/secrets.mjs'])
      execFileSync(process.execPath, [join(ROOT, 'provisioning/compose/secrets.mjs'), secrets])
      postgres = await startPostgres()
      places['postgres:5432'] = `127.0.0.1:${postgres.port}`
      const password = readFileSync(join(secrets, 'postgres.password'), 'utf8').trim()
      await postgres.sql(`alter user adf password '${password}'`)

      const prometheus = placed('prometheus', '/etc/prometheus')
      const alertmanager = placed('alertmanager', '/etc/alertmanager')
      const [metrics, alerts] = [
        begin(
          run(findServer('prometheus') ?? '', [
            ...(services['prometheus']?.command ?? []).map((arg) =>
              arg.replace('/etc/prometheus', prometheus).replace('=/prometheus', `=${temporary.path}/tsdb`),
            ),
            `--web.listen-address=${places['prometheus:9090']}`,
          ]),
        ),
        begin(
          run(findServer('alertmanager') ?? '', [
            ...(services['alertmanager']?.command ?? []).map((arg) =>
              arg
                .replace('/etc/alertmanager', alertmanager)
                .replace('=/alertmanager', `=${temporary.path}/am`),
            ),
            `--web.listen-address=${places['alertmanager:9093']}`,
          ]),
        ),
      ]
      await Promise.all([
        ready('prometheus:9090', '/-/ready', metrics),
        ready('alertmanager:9093', '/-/ready', alerts),
      ])
      await startOwn('processor', 'processor:8080', {
        ADF_RECEIVER__GRPC__HOST: '127.0.0.1',
        ADF_RECEIVER__GRPC__PORT: portOf('processor:4317'),
        ADF_RECEIVER__HTTP__HOST: '127.0.0.1',
        ADF_RECEIVER__HTTP__PORT: '0',
        ADF_EDGE__INTERVAL: '1s',
        ADF_EDGE__DETECTION__WARM_UP: '50',
        ADF_EDGE__DETECTION__INITIAL_THRESHOLD: '0.7',
      })
      await startOwn('webhook', 'webhook:8082')
      await startOwn('federation', 'federation:8081')

      const config = services['collector']?.command.at(-1) ?? ''
      const { config: restricted, left } = restrictConfig(
        placed('collector', config),
        componentsOf(collector()),
      )
      expect(left).toEqual(['processors/memory_limiter'])
      const file = join(temporary.path, 'collector.json')
      writeFileSync(file, JSON.stringify(restricted))
      const environment = Object.fromEntries(
        Object.entries(services['collector']?.environment ?? {}).map(([key, value]) => [key, local(value)]),
      )
      begin(
        run(collector(), ['--config', file], {
          env: {
            ...environment,
            LISTEN: '127.0.0.1',
            OTLP_GRPC_PORT: String(await freePort()),
            OTLP_HTTP_PORT: String(otlp),
            METRICS_PORT: portOf('collector:8888'),
          },
        }),
      )
      await until('the collector', async () => (await fetch(`http://127.0.0.1:${otlp}`)).status > 0)
      traffic = startTraffic(`http://127.0.0.1:${otlp}`)
      await until(
        'a score for every service',
        async () => {
          const { items } = await json<EntityPage>('processor:8080', '/api/entities?stream=service')
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
      for (const program of running.toReversed()) await program.stop()
      await jaeger?.stop()
      await postgres?.stop()
      temporary.remove()
    })

    test('Prometheus scrapes every part', async () => {
      await until(
        'six targets up',
        async () => {
          const { data } = await json<{
            data: { result: { metric: { job: string }; value: [number, string] }[] }
          }>('prometheus:9090', '/api/v1/query?query=up==1')
          const jobs = new Set(data.result.map(({ metric }) => metric.job))
          return ['adf-processor', 'adf-webhook', 'adf-federation', 'otel-collector', 'alertmanager'].every(
            (job) => jobs.has(job),
          )
        },
        60_000,
      )
    })

    test('traces are at Jaeger too', () => {
      expect(new Set(jaeger.received.map(({ signal }) => signal))).toEqual(new Set(['traces']))
    })

    test('a fault becomes an incident, an alert, a notification; one click on its link a verdict', async () => {
      traffic.strike({ service: 'payment', errors: 1 })
      const incident = await until('an incident of payment', async () => {
        const { items } = await json<IncidentPage>(
          'processor:8080',
          '/api/incidents?state=open&service=payment',
        )
        return items[0]
      })
      const alert = await until('its alert', async () => {
        const alerts = await json<
          {
            labels: Record<string, string>
            annotations: Record<string, string>
            receivers: { name: string }[]
          }[]
        >('alertmanager:9093', '/api/v2/alerts')
        return alerts.find(({ labels }) => labels['incident'] === incident.id)
      })
      expect(alert.annotations['incident_url']).toBe(
        `http://127.0.0.1:3000/a/adf-app/incidents/${incident.id}`,
      )
      expect(alert.receivers.map(({ name }) => name).toSorted()).toEqual(['adf', 'on-call'])
      await until('the notification at the webhook', async () => {
        const { items } = await json<{ items: { labels: Record<string, string> }[] }>(
          'webhook:8082',
          '/api/alerts',
        )
        return items.some(({ labels }) => labels['incident'] === incident.id)
      })
      const link = alert.annotations['useful_url'] ?? ''
      expect(link.startsWith(url('webhook:8082'))).toBe(true)
      expect((await fetch(link, { method: 'POST', body: new URLSearchParams() })).status).toBe(200)
      await until('the verdict at the processor', async () => {
        const { verdict } = await json<{ verdict: string | null }>(
          'processor:8080',
          `/api/incidents/${incident.id}`,
        )
        return verdict === 'true_positive'
      })
    })
  },
)
