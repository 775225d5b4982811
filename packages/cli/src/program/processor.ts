import type { Command } from 'commander'
import type { z } from 'zod'
import { AdfClient, parsed } from '../doctor/adf-client.ts'
import { CommandFailed, UsageError } from '../output/failure.ts'

export interface ProcessorOptions {
  readonly url?: string
  readonly token?: string
}

const DEFAULT_URL = 'http://127.0.0.1:8080'

/** The options of every command that talks to a running processor. */
export function withProcessor(command: Command, scope: 'read' | 'feedback' | 'admin'): Command {
  return command
    .option('--url <url>', `API of the processor (default: $ADF_URL or ${DEFAULT_URL})`)
    .option('--token <token>', `bearer token with the scope ${scope} (default: $ADF_TOKEN)`)
}

/** A running processor, as those who give verdicts and set thresholds see it. */
export class ProcessorClient {
  readonly #client: AdfClient

  /** @throws UsageError */
  constructor({ url: given, token }: ProcessorOptions) {
    const url = given ?? process.env['ADF_URL'] ?? DEFAULT_URL
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new UsageError(`--url ${url} is not an address such as ${DEFAULT_URL}`)
    this.#client = new AdfClient(url, token ?? process.env['ADF_TOKEN'])
  }

  /** @throws CommandFailed when nobody answers, or it refuses, or is another version */
  async get<T extends z.ZodType>(
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
    schema: T,
  ): Promise<z.output<T>> {
    const given = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value))
    return this.#read(await this.#client.get(`${path}?${given}`), schema)
  }

  /** @throws CommandFailed */
  async send<T extends z.ZodType>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: object | undefined,
    schema: T,
  ): Promise<z.output<T>> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return this.#read(await this.#client.send(method, path, text), schema)
  }

  #read<T extends z.ZodType>(
    { status, text, error }: Awaited<ReturnType<AdfClient['get']>>,
    schema: T,
  ): z.output<T> {
    const { url } = this.#client
    if (status === 0) throw new CommandFailed(`no ADF answers at ${url} (${error})`)
    const answer = parsed(text)
    if (status >= 400) throw new CommandFailed(`${url} refuses: ${detailOf(answer) ?? status}`)
    const read = schema.safeParse(answer)
    if (read.success) return read.data
    throw new CommandFailed(`${url} is no ADF of this version: its answer does not fit`)
  }
}

/** What is wrong, with each place of the request when there are several. */
function detailOf(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null || !('detail' in problem)) return undefined
  const errors = 'errors' in problem && Array.isArray(problem.errors) ? problem.errors : []
  if (errors.length < 2) return String(problem.detail)
  return errors.map(({ path, message }) => `${path || 'request'}: ${message}`).join('; ')
}
