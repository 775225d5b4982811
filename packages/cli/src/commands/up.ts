import { runProcessor } from '@adf/processor'
import { StartFault } from '@adf/service'
import type { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { CommandFailed } from '../output/failure.ts'
import { readConfigToStart, warned } from '../program/options.ts'

const endOfHelp = `
Exit status:
  0  stopped as told
  1  could not start (a port is taken, the store is in use or damaged), or failed
  2  the configuration is at fault (a bad key, a file of TLS, a listener open to strangers)
Why it cannot start is said in plain text; once it runs, its log is JSON lines on standard error.
`

/** `adf up`: every part of ADF in this process, until it is told to stop. */
export function register(program: Command): void {
  program
    .command('up')
    .description('start ADF: OTLP receiver, scoring, causal graph, incidents, alerts, API')
    .option('--insecure', 'listen beyond loopback without tokens or client certificates')
    .addHelpText('after', endOfHelp)
    .action(async (options: { insecure?: boolean }, command: Command) => {
      const insecure = options.insecure === true
      const config = warned(await readConfigToStart(command, { insecure }))
      const status = await runProcessor({ config, version: manifest.version, insecure }).catch(explain)
      // Sockets of clients that keep their connection must not hold the process.
      process.exit(status)
    })
}

function explain(error: unknown): never {
  if (error instanceof StartFault) throw new CommandFailed(error.message)
  throw error
}
