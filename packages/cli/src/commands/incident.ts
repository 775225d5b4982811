import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { CommandFailed } from '../output/failure.ts'
import { writeText } from '../output/write.ts'
import { type Address, PROCESSOR, withAddress } from '../program/address.ts'
import { globalOptions } from '../program/options.ts'
import { ServiceClient } from '../program/service-client.ts'

interface ExportOptions extends Address {
  readonly format: 'markdown' | 'json'
  readonly output?: string
}

/** `adf incident`: incidents of a running ADF. */
export function register(program: Command): void {
  const incident = program.command('incident').description('incidents of a running ADF')
  withAddress(
    incident
      .command('export')
      .description(
        'write one incident as a post-mortem, or as JSON with its anomalies, timeline and verdicts',
      )
      .argument('<id>', 'its id, as in the link of its alert')
      .addOption(
        new Option('--format <format>', 'what to write').choices(['markdown', 'json']).default('markdown'),
      )
      .option('--output <file>', 'write to this file'),
    PROCESSOR,
    'read',
  ).action(async (id: string, options: ExportOptions, command: Command) => {
    const json = globalOptions(command).json || options.format === 'json'
    const path = `/api/incidents/${encodeURIComponent(id)}/${json ? 'export' : 'report'}`
    const text = await new ServiceClient(PROCESSOR, options).text(path)
    if (options.output !== undefined) write(options.output, text)
    else writeText(text)
  })
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new CommandFailed(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
