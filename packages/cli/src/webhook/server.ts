import type { Command } from 'commander'
import type { z } from 'zod'
import { AdfClient, parsed } from '../doctor/adf-client.ts'
import { CommandFailed, UsageError } from '../output/failure.ts'

export interface WebhookAddress {
  readonly url?: string
  readonly token?: string
}

const DEFAULT_URL = 'http://127.0.0.1:8082'

/** The options of every command that talks to a running webhook. */
export function withWebhook(command: Command, scope: 'read' | 'feedback' | 'admin'): Command {
  return command
    .option('--url <url>', `the Alertmanager webhook (default: $ADF_WEBHOOK_URL or ${DEFAULT_URL})`)
    .option('--token <token>', `bearer token with the scope ${scope} (default: $ADF_TOKEN)`)
}

/** Asks a running webhook. @throws UsageError; CommandFailed when there is no webhook, it refuses, or it is another one */
export async function askWebhook<T extends z.ZodType>(
  { url: given, token }: WebhookAddress,
  path: string,
  schema: T,
): Promise<z.output<T>> {
  const url = given ?? process.env['ADF_WEBHOOK_URL'] ?? DEFAULT_URL
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new UsageError(`--url ${url} is not an address such as ${DEFAULT_URL}`)
  const client = new AdfClient(url, token ?? process.env['ADF_TOKEN'])
  const { status, text, error } = await client.get(path)
  if (status === 0) throw new CommandFailed(`no Alertmanager webhook answers at ${client.url} (${error})`)
  const answer = parsed(text)
  if (status >= 400) throw new CommandFailed(`${client.url} refuses: ${detailOf(answer) ?? status}`)
  const read = schema.safeParse(answer)
  if (read.success) return read.data
  throw new CommandFailed(`${client.url} is no Alertmanager webhook of this version: its answer does not fit`)
}

function detailOf(problem: unknown): string | undefined {
  return typeof problem === 'object' && problem !== null && 'detail' in problem
    ? String(problem.detail)
    : undefined
}
