import { EntityPage, type EntityStatus, Status } from '@adf/contract'
import { Config, DEFAULT_PATH } from '@adf/processor'
import { ConfigError, type Loaded, placeOf } from '@adf/service'
import { checkToken } from './access.ts'
import { AdfClient, type Answer, ask, parsed } from './adf-client.ts'
import { checkDeliveries, checkDestinations, checkSite } from './destinations.ts'
import { checkEntities } from './entities.ts'
import { ago, type Finding, fault, ok, warning } from './finding.ts'
import { checkLosses } from './losses.ts'
import { checkPorts } from './ports.ts'
import { checkStore } from './storage.ts'
import { checkTelemetry } from './telemetry.ts'

const PAGES = 40
const SKEW_MS = 2000

export interface DoctorOptions {
  /** Reads the configuration. Throws ConfigError. */
  readonly load: () => Loaded<Config>
  /** Of the API; that of the configuration when left out. */
  readonly url: string | undefined
  readonly token: string | undefined
  readonly clock: () => number
}

/** Looks at an ADF and its surroundings from outside, and changes nothing. */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const { config, findings } = checkConfiguration(options.load)
  const url = options.url ?? apiOf(config)
  const client = new AdfClient(url, options.token)
  const beganMs = options.clock()
  const health = await ask(`${client.url}/health`)
  const running = health.status === 200
  findings.push(
    ...(await checkPorts(config, { running, token: options.token })),
    ...(await checkStore(placeOf(config.store, DEFAULT_PATH))),
  )
  findings.push(...(await checkDestinations(config.deliver)))
  if (!running) return [...findings, unreachable(client.url, health, options.url !== undefined)]
  findings.push(ok('api', `${client.url} answers`), await checkReady(client))
  const token = await checkToken(client)
  findings.push(token)
  if (token.status === 'fault') return findings
  return [...findings, ...(await checkInside(client, config, { beganMs, clock: options.clock }))]
}

function checkConfiguration(load: () => Loaded<Config>): { config: Config; findings: Finding[] } {
  const check = 'configuration'
  try {
    const { config, warnings } = load()
    const advice = 'take it out, or wait for the part that it is for'
    return {
      config,
      findings: [ok(check, 'valid'), ...warnings.map((text) => warning(check, text, advice))],
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const findings = error.faults.map(({ path, message, source }) =>
      fault(
        check,
        `${source}: ${path ? `${path}: ` : ''}${message}`,
        'correct it; adf config docs lists every key',
      ),
    )
    return { config: Config.parse({}), findings }
  }
}

/** Where a processor of this configuration answers on this machine. */
export function apiOf({ api }: Config): string {
  const host = api.host === '0.0.0.0' || api.host === '::' ? '127.0.0.1' : api.host
  return `${api.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${api.port}`
}

/** An ADF that was asked for by its address has to be there; else it may just not have been started. */
function unreachable(url: string, { status, error }: Answer, asked: boolean): Finding {
  const say = asked ? fault : warning
  return status === 0
    ? say(
        'api',
        `no ADF answers at ${url} (${error}): only what is outside of it was looked at`,
        'start it by adf up, or give its address by --url',
      )
    : fault('api', `${url}/health answers ${status}: this is no ADF`, 'give the address of the API by --url')
}

async function checkReady(client: AdfClient): Promise<Finding> {
  const { status, text, error } = await ask(`${client.url}/ready`)
  if (status === 200) return ok('ready', 'ADF takes telemetry')
  const body = parsed(text)
  const why =
    typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : error || status
  return fault('ready', `ADF is not ready: ${why}`, 'wait for its start; if it lasts, see its log')
}

async function checkInside(
  client: AdfClient,
  config: Config,
  { beganMs, clock }: { beganMs: number; clock: () => number },
): Promise<Finding[]> {
  const sentMs = Math.max(beganMs, clock())
  const status = Status.safeParse(parsed((await client.get('/api/status')).text))
  if (!status.success)
    return [fault('api', `${client.url}/api/status is not as expected`, 'use the adf of the same version')]
  const entities = await readEntities(client)
  const metrics = await client.get('/metrics')
  return [
    checkClock(Date.parse(status.data.at), sentMs, clock()),
    ...checkTelemetry(status.data, config),
    ...checkEntities(entities, {
      maxSkewMs: config.receiver.max_clock_skew,
      uptimeMs: status.data.uptime_seconds * 1000,
      intervalMs: config.edge.interval,
    }),
    ...(metrics.status === 200
      ? checkLosses(metrics.text)
      : [fault('losses', `/metrics answers ${metrics.status}`, 'give a token with the scope read')]),
    ...checkDeliveries(status.data.deliveries),
    ...(status.data.federation === null ? [] : [checkSite(status.data.federation)]),
  ]
}

/** ADF's clock must lie between question and answer. */
function checkClock(atMs: number, sentMs: number, receivedMs: number): Finding {
  const skew = atMs < sentMs ? atMs - sentMs : Math.max(0, atMs - receivedMs)
  return Math.abs(skew) > SKEW_MS
    ? warning(
        'clock',
        `the clock of ADF is ${ago(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} this machine's`,
        'synchronise both (NTP)',
      )
    : ok('clock', "ADF's clock is that of this machine")
}

async function readEntities(client: AdfClient): Promise<EntityStatus[]> {
  const entities: EntityStatus[] = []
  let cursor: string | null = null
  for (let page = 0; page < PAGES; page++) {
    const query = new URLSearchParams({ limit: '500', ...(cursor === null ? {} : { cursor }) })
    const answer = EntityPage.safeParse(parsed((await client.get(`/api/entities?${query}`)).text))
    if (!answer.success) break
    entities.push(...answer.data.items)
    cursor = answer.data.next_cursor
    if (cursor === null) break
  }
  return entities
}
