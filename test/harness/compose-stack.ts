import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { makeCertificates } from '../../packages/service/src/http/certificates.test-data.ts'
import { componentsOf, restrictConfig } from './collector-restriction.ts'
import { type ComposeService, mounted, ROOT, readCompose, relocate } from './compose.ts'
import { prepareKafka, type RunningKafka } from './kafka.ts'
import { startOtlpEndpoint } from './otlp-endpoint.ts'
import { type RunningPostgres, startPostgres } from './postgresql.ts'
import { freePort, type Running, run, runAdf, temporaryFolder, until } from './process.ts'
import { findServer } from './servers.ts'

const START_MS = 300_000

export interface StackOptions {
  /** With docker-compose.small.yml over it. */
  readonly small: boolean
  /** Program of a collector that has what the configuration asks for. */
  readonly collector: string
  /** Variables of the processor, beside those of the files. */
  readonly processor?: Readonly<Record<string, string>>
}

/** A part of the stack as a process: what Docker would start, stop and start again. */
export interface StackPart {
  readonly name: string
  start(): Promise<void>
  alive(): boolean
  /** Ends it; resolves once it has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

export interface ComposeStack {
  readonly parts: readonly StackPart[]
  readonly kafka: RunningKafka | undefined
  readonly jaeger: Awaited<ReturnType<typeof startOtlpEndpoint>>
  /** OTLP/HTTP base URL of the collector. */
  readonly otlp: string
  /** Components of its configuration that the collector does not have. */
  readonly left: readonly string[]
  /** Base URL of `name:port`. */
  url(address: string): string
  json<T>(address: string, path: string): Promise<T>
  stop(): Promise<void>
}

/**
 * The processes of docker-compose.yml without containers: its commands, environment and configurations, with other addresses. The console stands
 * for Grafana, a bare OTLP endpoint for Jaeger.
 */
export async function startComposeStack(options: StackOptions): Promise<ComposeStack> {
  const temporary = temporaryFolder()
  const secrets = join(temporary.path, 'secrets')
  const places: Record<string, string> = {}
  const parts: StackPart[] = []
  const stops: (() => void | Promise<void>)[] = [() => temporary.remove()]
  const stop = async () => {
    for (const part of parts.toReversed()) await part.end('SIGTERM')
    for (const one of stops.toReversed()) await one()
  }
  try {
    const jaeger = await startOtlpEndpoint()
    stops.push(() => jaeger.stop())
    const certificates = makeCertificates()
    stops.push(() => certificates.remove())
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
    const [otlp, consolePort] = [await freePort(), await freePort()]
    const services = readCompose(
      {
        FEEDBACK_URL: `http://${places['webhook:8082']}`,
        ADF_WINDOW: '1s',
        ADF_STEP: '100ms',
        LOG_LEVEL: 'warn',
      },
      options.small,
    )
    const url = (address: string) => `http://${places[address]}`
    const portOf = (address: string) => places[address]?.split(':')[1] ?? ''
    const local = (text: string) =>
      relocate(text, Object.keys(services), places).replaceAll('/run/adf', secrets)
    const service = (name: string): ComposeService => {
      const found = services[name]
      if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
      return found
    }
    const environmentOf = (name: string) =>
      Object.fromEntries(Object.entries(service(name).environment).map(([key, value]) => [key, local(value)]))
    /** A file or folder of the service's container, with the addresses of this machine. */
    const placed = (name: string, path: string): string => {
      const source = mounted(service(name), path)
      if (source === undefined) throw new Error(`${name} has no ${path}`)
      const target = join(temporary.path, name, basename(path))
      mkdirSync(join(temporary.path, name), { recursive: true })
      cpSync(source, target, { recursive: true })
      for (const file of [target, ...globSync(join(target, '**/*.{yml,yaml}'))])
        if (/\.ya?ml$/.test(file)) writeFileSync(file, local(readFileSync(file, 'utf8')))
      return target
    }
    /** Starts a part, and keeps it among those that can be ended and started again. */
    const add = async (name: string, begin: () => Running, answers: () => Promise<boolean>) => {
      let program: Running | undefined
      const part: StackPart = {
        name,
        async start() {
          const begun = begin()
          program = begun
          const ended = begun.exited.then((code) => {
            throw new Error(`${name} ended with ${code}:\n${begun.output()}`)
          })
          ended.catch(() => {})
          await Promise.race([until(name, answers, START_MS), ended])
        },
        alive: () => program !== undefined && isAlive(program),
        async end(signal) {
          await program?.stop(signal)
          program = undefined
        },
      }
      parts.push(part)
      await part.start()
    }
    const ok = async (address: string, path: string) => (await fetch(`${url(address)}${path}`)).ok
    /** A service of ADF's own image. */
    const own = (name: string, address: string, more: Record<string, string> = {}) => {
      const args = service(name).command.map((arg) => (arg.startsWith('/etc/adf/') ? placed(name, arg) : arg))
      const off = args.indexOf('off')
      if (off !== -1) args[off] = String(consolePort)
      const folder = join(temporary.path, `${name}-data`)
      mkdirSync(folder)
      const listen = { ADF_API__HOST: '127.0.0.1', ADF_API__PORT: portOf(address) }
      const env = { ...environmentOf(name), ...listen, ...more }
      return add(
        name,
        () => runAdf(args, { cwd: folder, env }),
        () => ok(address, '/ready'),
      )
    }
    /** One that Debian has: `from` and `to` of what its container mounts. */
    const server = async (name: 'prometheus' | 'alertmanager', address: string, data: [string, string]) => {
      const config = placed(name, `/etc/${name}`)
      const args = [
        ...service(name).command.map((arg) => arg.replace(`/etc/${name}`, config).replace(...data)),
        `--web.listen-address=${places[address]}`,
      ]
      await add(
        name,
        () => run(findServer(name) ?? '', args),
        () => ok(address, '/-/ready'),
      )
    }

    expectEntrypoint(service('secrets'))
    execFileSync(process.execPath, [join(ROOT, 'provisioning/compose/secrets.mjs'), secrets])
    if ('postgres' in services) {
      const postgres = await startPostgres()
      stops.push(() => postgres.stop())
      places['postgres:5432'] = `127.0.0.1:${postgres.port}`
      const password = readFileSync(join(secrets, 'postgres.password'), 'utf8').trim()
      await postgres.sql(`alter user adf password '${password}'`)
      parts.push(databasePart(postgres, password))
    }
    let kafka: RunningKafka | undefined
    if ('kafka' in services) {
      const broker = await prepareKafka(certificates.server)
      kafka = broker
      stops.push(() => broker.stop())
      places['kafka:9092'] = broker.brokers[0] ?? ''
      await broker.start()
      const { TOPICS = '', PARTITIONS = '' } = environmentOf('topics')
      for (const topic of TOPICS.split(' ')) await broker.createTopic(topic, Number(PARTITIONS))
      parts.push({
        name: 'kafka',
        start: () => broker.start(),
        alive: () => true,
        end: (signal) => broker.halt(signal),
      })
    }
    await server('prometheus', 'prometheus:9090', ['=/prometheus', `=${temporary.path}/tsdb`])
    await server('alertmanager', 'alertmanager:9093', ['=/alertmanager', `=${temporary.path}/am`])
    await own('processor', 'processor:8080', {
      ADF_RECEIVER__GRPC__HOST: '127.0.0.1',
      ADF_RECEIVER__GRPC__PORT: portOf('processor:4317'),
      ADF_RECEIVER__HTTP__HOST: '127.0.0.1',
      ADF_RECEIVER__HTTP__PORT: '0',
      ...options.processor,
    })
    await own('webhook', 'webhook:8082')
    if ('federation' in services) await own('federation', 'federation:8081')

    const { config, left } = restrictConfig(
      placed('collector', service('collector').command.at(-1) ?? ''),
      componentsOf(options.collector),
    )
    const file = join(temporary.path, 'collector.json')
    writeFileSync(file, JSON.stringify(config))
    const env = {
      ...environmentOf('collector'),
      LISTEN: '127.0.0.1',
      OTLP_GRPC_PORT: String(await freePort()),
      OTLP_HTTP_PORT: String(otlp),
      METRICS_PORT: portOf('collector:8888'),
    }
    await add(
      'collector',
      () => run(options.collector, ['--config', file], { env }),
      async () => (await fetch(`http://127.0.0.1:${otlp}`)).status > 0,
    )
    return {
      parts,
      kafka,
      jaeger,
      otlp: `http://127.0.0.1:${otlp}`,
      left,
      url,
      json: async <T>(address: string, path: string) =>
        (await (await fetch(`${url(address)}${path}`)).json()) as T,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const isAlive = ({ child }: Running) => child.exitCode === null && child.signalCode === null

function expectEntrypoint({ entrypoint }: ComposeService): void {
  const [node, script] = entrypoint ?? []
  if (node !== 'node' || script !== '/app/provisioning/compose/secrets.mjs')
    throw new Error(`the service secrets runs ${entrypoint?.join(' ')}`)
}

/** It is started already, with another password than the one that the test harness knows. */
function databasePart(postgres: RunningPostgres, password: string): StackPart {
  return {
    name: 'postgres',
    start: () => postgres.start(password),
    alive: () => true,
    end: (signal) => postgres.halt(signal === 'SIGKILL' ? 'immediate' : 'fast'),
  }
}
