import { Config, configFaults, runWebhook } from '@adf/alertmanager-webhook'
import type { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { UsageError } from '../output/failure.ts'
import { warned } from '../program/options.ts'
import { readConfigToStart } from '../program/service-config.ts'
import { exitWith } from '../program/service-process.ts'

const endOfHelp = `
Runs until it is told to stop. Its configuration is a file of its own: docs/webhook-configuration.md.
'adf alerts' and 'adf alerts value' talk to one that runs.
`

/** `adf webhook`: the Alertmanager webhook as a process of its own. */
export function register(program: Command): void {
  program
    .command('webhook')
    .description('run the Alertmanager webhook: alerts, verdicts, tuning of thresholds')
    .option('--insecure', 'listen beyond loopback without tokens or client certificates')
    .addHelpText('after', endOfHelp)
    .action(async ({ insecure = false }: { insecure?: boolean }, command: Command) => {
      if (command.args.length > 0) throw new UsageError(`there is no command webhook ${command.args[0]}`)
      const config = warned(await readConfigToStart({ Config, configFaults }, command, { insecure }))
      await exitWith(runWebhook({ config, version: manifest.version, insecure }))
    })
}
