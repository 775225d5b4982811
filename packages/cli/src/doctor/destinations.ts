import { connect } from 'node:net'
import type { DeliveryStatus, SiteStatus } from '@adf/contract'
import type { Config } from '@adf/processor'
import { withoutCredentials } from '@adf/service'
import { ask } from './adf-client.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

const TIMEOUT_MS = 3000

/** How the running ADF fares with the destinations of its alerts and of its copies of telemetry. */
export function checkDeliveries(deliveries: readonly DeliveryStatus[]): Finding[] {
  return deliveries.map(({ name, reachable, last_error, last_success_at }) => {
    const check = `delivery ${name}`
    if (reachable === false)
      return fault(
        check,
        `ADF does not reach it: ${last_error ?? 'no answer'}`,
        'see that it runs, and its address under deliver',
      )
    if (last_error !== null)
      return fault(check, `it refuses: ${last_error}`, 'see its log, and the settings under deliver')
    return ok(check, reachable === null ? 'nothing was sent yet' : `reached, last at ${last_success_at}`)
  })
}

/** How the running ADF fares with its federation server. */
export function checkSite({ server, client, reachable, last_error, idle, runs }: SiteStatus): Finding {
  const check = 'federation'
  if (reachable === false)
    return fault(
      check,
      `ADF does not reach ${server}: ${last_error ?? 'no answer'}`,
      'see that it runs, and federation.url',
    )
  if (last_error !== null)
    return fault(check, `${server} refuses: ${last_error}`, 'see federation.token, and its log')
  if (reachable === null || client === null) return ok(check, `${server} was not asked yet`)
  if (idle !== null)
    return warning(
      check,
      `enrolled at ${server}, and trains for no round: ${idle}`,
      'docs/operations.md says what a site needs; one without data yet only has to wait',
    )
  const missed = runs.flatMap(({ run, last_missed }) =>
    last_missed === null ? [] : [`${run}: ${last_missed}`],
  )
  if (missed.length > 0)
    return warning(
      check,
      `no part in the latest round, or in the run, of ${missed.join('; ')}`,
      'docs/operations.md says what each means; the log of the processor has more',
    )
  const done = runs.map(({ run, version, last_round }) =>
    last_round === null
      ? `${run} at version ${version}`
      : `${run} at version ${version}, part in round ${last_round}`,
  )
  return ok(check, `enrolled at ${server}: ${done.length === 0 ? 'it offers no run' : done.join('; ')}`)
}

/** The destinations of the configuration, looked at from here. */
export function checkDestinations({ alertmanager, forward }: Config['deliver']): Promise<Finding[]> {
  return Promise.all([
    ...alertmanager.urls.map((url) => checkAlertmanager(url)),
    ...forward.map((one) => checkForward(one.name, one.endpoint)),
  ])
}

async function checkAlertmanager(url: string): Promise<Finding> {
  const check = 'alertmanager'
  const shown = withoutCredentials(url)
  const { status, error } = await ask(...readyOf(url))
  if (status === 200) return ok(check, `${shown} is ready`)
  if (status === 401 || status === 403) return ok(check, `${shown} answers and asks for credentials`)
  return fault(
    check,
    status === 0 ? `${shown} does not answer (${error})` : `${shown} answers /-/ready with ${status}`,
    'start Alertmanager there, or set deliver.alertmanager.urls',
  )
}

/** As ADF itself asks: credentials of the address go into a header. */
function readyOf(base: string): [url: string, init: RequestInit] {
  const url = new URL(base)
  const { username, password } = url
  url.username = ''
  url.password = ''
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/-/ready`
  if (username === '') return [url.href, {}]
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return [url.href, { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } }]
}

async function checkForward(name: string, endpoint: string): Promise<Finding> {
  const url = URL.parse(endpoint.includes('://') ? endpoint : `tcp://${endpoint}`)
  const check = `forward ${name}`
  const shown = withoutCredentials(endpoint)
  if (url === null || url.hostname === '')
    return fault(check, `${shown} is no address`, `set the endpoint of ${name} under deliver.forward`)
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const error = await unreachable(url.hostname.replace(/^\[|\]$/g, ''), port)
  return error === undefined
    ? ok(check, `${shown} takes connections`)
    : fault(
        check,
        `${shown} takes no connection (${error})`,
        `start it, or set the endpoint of ${name} under deliver.forward`,
      )
}

function unreachable(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = connect({ host, port, timeout: TIMEOUT_MS })
  const end = (error: string | undefined) => {
    socket.destroy()
    resolve(error)
  }
  socket.once('connect', () => end(undefined))
  socket.once('timeout', () => end('no answer'))
  socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  return promise
}
