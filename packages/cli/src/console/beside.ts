import { createServer } from 'node:net'
import type { Config as WebhookConfig } from '@adf/alertmanager-webhook'
import type { Config as FederationConfig } from '@adf/federation-server'
import { createConsole, isBuilt, type Role } from '@adf/grafana-app'
import type { Config } from '@adf/processor'
import { type Component, createLogger } from '@adf/service'
import { InvalidArgumentError } from 'commander'
import { warnings } from '../program/options.ts'

/** A port that the person wants, or none at all; undefined: nobody said. */
export type ConsoleChoice = number | 'off'

const PORT = 3000

export function parseConsole(text: string): ConsoleChoice {
  if (text === 'off') return 'off'
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('give a TCP port, or off.')
  return port
}

const ROLES = new Map<string, Role>([
  ['viewer', 'Viewer'],
  ['editor', 'Editor'],
  ['admin', 'Admin'],
])

export function parseRole(text: string): Role {
  const role = ROLES.get(text)
  if (role === undefined) throw new InvalidArgumentError('give viewer, editor or admin.')
  return role
}

/** As the console's proxy takes it: without a slash at its end. */
export function parseFederation(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw new InvalidArgumentError('give an address such as http://127.0.0.1:8081.')
  return text.replace(/\/+$/, '')
}

interface Beside {
  readonly config: Config
  /** Of the webhook in the same process; undefined: there is none. */
  readonly webhook: WebhookConfig | undefined
  /** Of the federation server in the same process; undefined: there is none. */
  readonly federation?: FederationConfig | undefined
  /** Of one that runs elsewhere; undefined: none is known. */
  readonly federationUrl?: string | undefined
  /** What the person at the console may do; undefined: everything. */
  readonly role?: Role | undefined
  readonly version: string
  /** Of which nobody said anything. */
  readonly defaultPort?: number
}

/**
 * The console for the processor of `config`, or why there is none, as a warning. Without a choice it must not keep ADF from starting: port
 * 3000 is Grafana's as well.
 */
export async function consoleBeside(
  choice: ConsoleChoice | undefined,
  { config, webhook, federation, federationUrl, role, version, defaultPort = PORT }: Beside,
): Promise<Component | undefined> {
  if (choice === 'off') return undefined
  const no = (reason: string) => {
    if (choice !== undefined) warnings([`no console: ${reason}`])
    return undefined
  }
  if (!isBuilt()) return no('its pages are not built; `npm run build` builds them')
  if (config.api.port === 0) return no('api.port is 0, so that it cannot know where the API will be')
  if (choice === undefined && !(await isFree(defaultPort))) return undefined
  const token = process.env['ADF_TOKEN']
  const log = createLogger({ name: 'adf-console', level: config.log.level, pretty: config.log.pretty })
  const made = createConsole({
    port: choice ?? defaultPort,
    apiUrl: urlOf(config.api),
    ...(webhook !== undefined && webhook.api.port !== 0 && { webhookUrl: urlOf(webhook.api) }),
    ...(federationUrl !== undefined && { federationUrl }),
    ...(federation !== undefined && federation.api.port !== 0 && { federationUrl: urlOf(federation.api) }),
    ...(role !== undefined && { role }),
    ...(token !== undefined && token !== '' && { apiToken: token }),
    version,
    log,
  })
  if (choice !== undefined) return made
  return {
    name: made.name,
    // Another may have taken the port since it was found free.
    start: () => made.start().catch((error: unknown) => log.warn({ err: error }, 'no console')),
    stop: () => made.stop(),
  }
}

/** As it is reached from this machine. */
function urlOf({ host, port, tls }: Config['api']): string {
  const address = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host
  const scheme = tls === undefined ? 'http' : 'https'
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
