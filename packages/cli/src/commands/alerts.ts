import { AlertPage, AlertValue } from '@adf/contract/feedback'
import { Argument, type Command, Option } from 'commander'
import { writeAnswer } from '../output/write.ts'
import { type Address, WEBHOOK, withAddress } from '../program/address.ts'
import { globalOptions } from '../program/options.ts'
import { ServiceClient } from '../program/service-client.ts'
import { alertsText, valueText } from '../webhook/tables.ts'
import { parseDuration, parseWhole } from './arguments.ts'

interface Options extends Address {
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
  withAddress(command, WEBHOOK, 'read').action(async (what: string, options: Options, self: Command) => {
    const { by, state, service, rule, since, limit } = options
    const { json } = globalOptions(self)
    const webhook = new ServiceClient(WEBHOOK, options)
    const from = since === undefined ? undefined : new Date(Date.now() - since).toISOString()
    if (what === 'list') {
      const query = { state, service, alertname: rule, from, limit }
      const page = await webhook.get('/api/alerts', AlertPage, query)
      writeAnswer(json, page, () => alertsText(page.items))
    } else {
      const value = await webhook.get('/api/alert-value', AlertValue, { by, from, limit })
      writeAnswer(json, value, () => valueText(value))
    }
  })
}
