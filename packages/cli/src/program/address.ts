import type { Scope } from '@adf/service'
import type { Command } from 'commander'
import { UsageError } from '../output/failure.ts'

/** A service that commands talk to. */
export interface Service {
  /** As messages call it. */
  readonly name: string
  /** What --url is the address of. */
  readonly api: string
  /** The variable in place of --url. */
  readonly variable: string
  /** Where it listens by default. */
  readonly url: string
}

export const PROCESSOR: Service = {
  name: 'ADF',
  api: 'API of the processor',
  variable: 'ADF_URL',
  url: 'http://127.0.0.1:8080',
}

export const FEDERATION_SERVER: Service = {
  name: 'federation server',
  api: 'the federation server',
  variable: 'ADF_FEDERATION_URL',
  url: 'http://127.0.0.1:8081',
}

export const WEBHOOK: Service = {
  name: 'Alertmanager webhook',
  api: 'the Alertmanager webhook',
  variable: 'ADF_WEBHOOK_URL',
  url: 'http://127.0.0.1:8082',
}

/** The options of every command that talks to a service, as they are given. */
export interface Address {
  readonly url?: string
  readonly token?: string
}

export function withAddress(command: Command, service: Service, scope: Scope): Command {
  return command
    .option('--url <url>', `${service.api} (default: $${service.variable} or ${service.url})`)
    .option('--token <token>', `bearer token with the scope ${scope} (default: $ADF_TOKEN)`)
}

/** By --url or the variable; undefined when neither is given. @throws UsageError when it is none */
export function givenUrl(service: Service, { url: given }: Address): string | undefined {
  const url = given ?? process.env[service.variable]
  if (url === undefined || /^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url
  throw new UsageError(`--url ${url} is not an address such as ${service.url}`)
}

/** @throws UsageError */
export const urlOf = (service: Service, address: Address): string => givenUrl(service, address) ?? service.url

export const tokenOf = ({ token }: Address): string | undefined => token ?? process.env['ADF_TOKEN']
