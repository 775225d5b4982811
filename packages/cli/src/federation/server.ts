import type { Command } from 'commander'
import type { z } from 'zod'
import { AdfClient, parsed } from '../doctor/adf-client.ts'
import { CommandFailed, UsageError } from '../output/failure.ts'

export interface ServerOptions {
  readonly url?: string
  readonly token?: string
}

const DEFAULT_URL = 'http://127.0.0.1:8081'

/** The options of every command that talks to a running federation server. */
export function withServer(command: Command, scope: 'read' | 'admin'): Command {
  return command
    .option('--url <url>', `the federation server (default: $ADF_FEDERATION_URL or ${DEFAULT_URL})`)
    .option('--token <token>', `bearer token with the scope ${scope} (default: $ADF_TOKEN)`)
}

/** A running federation server, as its operators see it. */
export class FederationServerClient {
  readonly #client: AdfClient

  /** @throws UsageError */
  constructor({ url: given, token }: ServerOptions) {
    const url = given ?? process.env['ADF_FEDERATION_URL'] ?? DEFAULT_URL
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      throw new UsageError(`--url ${url} is not an address such as ${DEFAULT_URL}`)
    this.#client = new AdfClient(url, token ?? process.env['ADF_TOKEN'])
  }

  /** @throws CommandFailed when there is no server, or it refuses, or it is another one */
  async get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    return this.#read(await this.#client.get(path), schema)
  }

  /** @throws CommandFailed */
  async post<T extends z.ZodType>(path: string, body: object, schema: T): Promise<z.output<T>> {
    return this.#read(await this.#client.send('POST', path, JSON.stringify(body)), schema)
  }

  #read<T extends z.ZodType>(
    { status, text, error }: Awaited<ReturnType<AdfClient['get']>>,
    schema: T,
  ): z.output<T> {
    const { url } = this.#client
    if (status === 0) throw new CommandFailed(`no federation server answers at ${url} (${error})`)
    const answer = parsed(text)
    if (status >= 400) throw new CommandFailed(`${url} refuses: ${detailOf(answer) ?? status}`)
    const read = schema.safeParse(answer)
    if (read.success) return read.data
    throw new CommandFailed(`${url} is no federation server of this version: its answer does not fit`)
  }
}

function detailOf(problem: unknown): string | undefined {
  return typeof problem === 'object' && problem !== null && 'detail' in problem
    ? String(problem.detail)
    : undefined
}
