import {
  createWebhook,
  Config as WebhookConfig,
  configFaults as webhookFaults,
} from '@adf/alertmanager-webhook'
import {
  createFederationServer,
  Config as FederationConfig,
  configFaults as federationFaults,
} from '@adf/federation-server'
import { Config, configFaults, runProcessor } from '@adf/processor'
import { type Component, createLogger, Lifecycle, type Loaded } from '@adf/service'
import { type Command, Option } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import {
  type ConsoleChoice,
  consoleBeside,
  parseConsole,
  parseFederation,
  parseRole,
} from '../console/beside.ts'
import { warned, warnings } from '../program/options.ts'
import { readConfigToStart, readFileToStart } from '../program/service-config.ts'
import { exitWith, explain } from '../program/service-process.ts'
import { connected } from '../webhook/connected.ts'

const endOfHelp = `
Exit status:
  0  stopped as told
  1  could not start (a port is taken, the store is in use or damaged), or failed
  2  the configuration is at fault (a bad key, a file of TLS, a listener open to strangers)
Why it cannot start is said in plain text; once it runs, its log is JSON lines on standard error.
`

interface Options {
  readonly insecure?: boolean
  /** true: without a file. */
  readonly federation?: string | true
  /** true: without a file. */
  readonly webhook?: string | true
  readonly console?: ConsoleChoice
  readonly consoleRole?: ReturnType<typeof parseRole>
  readonly consoleFederation?: string
}

/** `adf up`: every part of ADF in this process, until it is told to stop. */
export function register(program: Command): void {
  program
    .command('up')
    .description('start ADF: OTLP receiver, scoring, causal graph, incidents, alerts, API')
    .option('--insecure', 'listen beyond loopback without tokens or client certificates')
    .option('--federation [file]', 'also run the federation server, with this configuration or its defaults')
    .option(
      '--webhook [file]',
      'also run the Alertmanager webhook, with this configuration or its defaults; off: not',
    )
    .addOption(
      new Option(
        '--console <port|off>',
        'serve the pages of the Grafana app on this port of 127.0.0.1 (default: 3000 when it is free); the token for them: $ADF_TOKEN',
      ).argParser(parseConsole),
    )
    .addOption(
      new Option(
        '--console-role <role>',
        'what the person at the console may do: viewer, editor or admin (default: admin)',
      ).argParser(parseRole),
    )
    .addOption(
      new Option(
        '--console-federation <url>',
        'the federation server that the pages show, where it is not in this process; it gets the token of the console',
      )
        .argParser(parseFederation)
        .conflicts('federation'),
    )
    .addHelpText('after', endOfHelp)
    .action(async (options: Options, command: Command) => {
      const insecure = options.insecure === true
      const given = warned(await readConfigToStart({ Config, configFaults }, command, { insecure }))
      const { processor: config, webhook } = await connected(given, await webhookConfig(options, insecure))
      const federation = await federationConfig(options, insecure)
      const beside = together([
        federation && (await federationServer(federation, insecure)),
        webhook && (await alertmanagerWebhook(webhook, insecure)),
      ])
      const inFront = await consoleBeside(options.console, {
        config,
        webhook,
        federation,
        federationUrl: options.consoleFederation,
        role: options.consoleRole,
        version: manifest.version,
      })
      await exitWith(runProcessor({ config, version: manifest.version, insecure, beside, inFront }))
    })
}

/** undefined: it was not asked for. */
async function federationConfig(
  { federation }: Options,
  insecure: boolean,
): Promise<FederationConfig | undefined> {
  if (federation === undefined) return undefined
  const file = federation === true ? undefined : federation
  const service = { Config: FederationConfig, configFaults: federationFaults }
  return untraced(file, await readFileToStart(service, file, { insecure }))
}

async function federationServer(config: FederationConfig, insecure: boolean): Promise<Component> {
  const log = createLogger({ name: 'adf-federation', level: config.log.level, pretty: config.log.pretty })
  return createFederationServer({ config, log, version: manifest.version, insecure }).catch(explain)
}

/** undefined: it was not asked for. */
async function webhookConfig({ webhook }: Options, insecure: boolean): Promise<WebhookConfig | undefined> {
  if (webhook === undefined || webhook === 'off') return undefined
  const file = webhook === true ? undefined : webhook
  const service = { Config: WebhookConfig, configFaults: webhookFaults }
  return untraced(file, await readFileToStart(service, file, { insecure }))
}

/** The configuration of a part that sends no spans by itself, once its warnings are on standard error. */
function untraced<Config extends { readonly telemetry: { otlp_endpoint?: string | undefined } }>(
  file: string | undefined,
  loaded: Loaded<Config>,
): Config {
  const config = warned(loaded)
  if (config.telemetry.otlp_endpoint !== undefined)
    warnings([
      `telemetry.otlp_endpoint of ${file} is not used: the process sends its spans where the processor does`,
    ])
  return { ...config, telemetry: {} }
}

async function alertmanagerWebhook(config: WebhookConfig, insecure: boolean): Promise<Component> {
  const log = createLogger({ name: 'adf-webhook', level: config.log.level, pretty: config.log.pretty })
  return createWebhook({ config, log, version: manifest.version, insecure }).catch(explain)
}

/** As one component; undefined when there is none. */
function together(parts: readonly (Component | undefined)[]): Component | undefined {
  const wanted = parts.filter((part) => part !== undefined)
  return wanted.length === 0 ? undefined : new Lifecycle(wanted, { name: 'beside' })
}
