import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { AdfClient, parsed } from '../doctor/adf-client.ts'
import { CommandFailed, UsageError } from '../output/failure.ts'
import { globalOptions } from '../program/options.ts'

interface ExportOptions {
  readonly format: 'markdown' | 'json'
  readonly url?: string
  readonly token?: string
  readonly output?: string
}

/** `adf incident`: incidents of a running ADF. */
export function register(program: Command): void {
  program
    .command('incident')
    .description('incidents of a running ADF')
    .command('export')
    .description('write one incident as a post-mortem, or as JSON with its anomalies, timeline and verdicts')
    .argument('<id>', 'its id, as in the link of its alert')
    .addOption(
      new Option('--format <format>', 'what to write').choices(['markdown', 'json']).default('markdown'),
    )
    .option('--output <file>', 'write to this file')
    .option('--url <url>', 'API of the processor (default: $ADF_URL or http://127.0.0.1:8080)')
    .option('--token <token>', 'bearer token with the scope read (default: $ADF_TOKEN)')
    .action(async (id: string, options: ExportOptions, command: Command) => {
      const format = globalOptions(command).json ? 'json' : options.format
      const text = await fetchExport(id, format, options)
      if (options.output !== undefined) write(options.output, text)
      else process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
    })
}

async function fetchExport(
  id: string,
  format: ExportOptions['format'],
  { url: given, token }: ExportOptions,
): Promise<string> {
  const url = given ?? process.env['ADF_URL'] ?? 'http://127.0.0.1:8080'
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new UsageError(`--url ${url} is not an address such as http://127.0.0.1:8080`)
  const client = new AdfClient(url, token ?? process.env['ADF_TOKEN'])
  const what = format === 'json' ? 'export' : 'report'
  const { status, text, error } = await client.get(`/api/incidents/${encodeURIComponent(id)}/${what}`)
  if (status === 200) return text
  if (status === 0) throw new CommandFailed(`no ADF answers at ${url} (${error})`)
  const problem = parsed(text)
  const detail =
    typeof problem === 'object' && problem !== null && 'detail' in problem ? String(problem.detail) : status
  throw new CommandFailed(`${url} refuses: ${detail}`)
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new CommandFailed(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
