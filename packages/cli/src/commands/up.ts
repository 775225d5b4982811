import { runProcessor } from '@adf/processor'
import { StartFault } from '@adf/service'
import type { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { CommandFailed } from '../output/failure.ts'
import { configOf } from '../program/options.ts'

/** `adf up`: every part of ADF in this process, until it is told to stop. */
export function register(program: Command): void {
  program
    .command('up')
    .description('start ADF: OTLP receiver, scoring, causal graph, incidents, alerts, API')
    .option('--insecure', 'listen beyond loopback without tokens or client certificates')
    .action(async (options: { insecure?: boolean }, command: Command) => {
      const config = configOf(command)
      const insecure = options.insecure === true
      const status = await runProcessor({ config, version: manifest.version, insecure }).catch(explain)
      // Sockets of clients that keep their connection must not hold the process.
      process.exit(status)
    })
}

function explain(error: unknown): never {
  if (error instanceof StartFault) throw new CommandFailed(error.message)
  throw error
}
