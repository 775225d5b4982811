import { AlertPage, AlertValue } from '@adf/contract/feedback'
import { Argument, type Command, Option } from 'commander'
import { writeAnswer } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'
import { askWebhook, type WebhookAddress, withWebhook } from '../webhook/server.ts'
import { alertsText, valueText } from '../webhook/tables.ts'
import { parseDuration, parseWhole } from './arguments.ts'

interface Options extends WebhookAddress {
  readonly by: string
  readonly state?: string
  readonly service?: string
  readonly rule?: string
  readonly limit: number
  readonly since?: number
}

/** `adf alerts`: what the alerts of all rules were worth, or the alerts themselves. */
export function register(program: Command): void {
  const command = program
    .command('alerts')
    .description('what alerts of all rules were worth, the noisiest first; or list them, newest first')
    .addArgument(new Argument('[what]').choices(['value', 'list']).default('value'))
    .addOption(
      new Option('--by <what>', 'value: a row for each of these')
        .choices(['rule', 'service', 'entity'])
        .default('rule'),
    )
    .addOption(new Option('--state <state>', 'list: only these').choices(['firing', 'resolved']))
    .option('--service <name>', 'list: only of this service')
    .option('--rule <alertname>', 'list: only of this rule')
    .option('--limit <count>', 'rows at most', parseWhole, 10)
    .option(
      '--since <duration>',
      'look back so far, as in 7d (default: value.period, or everything)',
      parseDuration,
    )
  withWebhook(command, 'read').action(async (what: string, options: Options, self: Command) => {
    const { by, state, service, rule, since, limit } = options
    const { json } = globalOptions(self)
    const from = since === undefined ? undefined : new Date(Date.now() - since).toISOString()
    if (what === 'list') {
      const query = queryOf({ state, service, alertname: rule, from, limit: String(limit) })
      const page = await askWebhook(options, `/api/alerts?${query}`, AlertPage)
      writeAnswer(json, page, () => alertsText(page.items))
    } else {
      const query = queryOf({ by, from, limit: String(limit) })
      const value = await askWebhook(options, `/api/alert-value?${query}`, AlertValue)
      writeAnswer(json, value, () => valueText(value))
    }
  })
}

function queryOf(parameters: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value)
  return query
}
