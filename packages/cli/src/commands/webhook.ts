import { runWebhook } from '@adf/alertmanager-webhook'
import { StartFault } from '@adf/service'
import type { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { CommandFailed, UsageError } from '../output/failure.ts'
import { warnings } from '../program/options.ts'
import { readWebhookConfig } from '../webhook/config.ts'

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
      const { config, warnings: told } = await readWebhookConfig(command, { insecure })
      warnings(told)
      const status = await runWebhook({ config, version: manifest.version, insecure }).catch(explain)
      // Sockets of clients that keep their connection must not hold the process.
      process.exit(status)
    })
}

function explain(error: unknown): never {
  if (error instanceof StartFault) throw new CommandFailed(error.message)
  throw error
}
