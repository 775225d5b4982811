import { Config, runWebhook } from '@adf/alertmanager-webhook'

/** An Alertmanager webhook with the configuration that is given as JSON, until a signal ends it. */
const [config = '{}'] = process.argv.slice(2)
process.exit(
  await runWebhook({ config: Config.parse(JSON.parse(config)), version: '0.1.0', insecure: false }),
)
