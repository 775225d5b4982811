import type { z } from 'zod'
import { AdfClient, type Answer, parsed } from '../doctor/adf-client.ts'
import { CommandFailed } from '../output/failure.ts'
import { type Address, type Service, tokenOf, urlOf } from './address.ts'

/** A running service, as commands see it. Its methods reject with CommandFailed when nobody answers, or it refuses, or is another version. */
export class ServiceClient {
  readonly #service: Service
  readonly #client: AdfClient

  /** @throws UsageError */
  constructor(service: Service, address: Address) {
    this.#service = service
    this.#client = new AdfClient(urlOf(service, address), tokenOf(address))
  }

  async get<T extends z.ZodType>(
    path: string,
    schema: T,
    query: Readonly<Record<string, string | number | undefined>> = {},
  ): Promise<z.output<T>> {
    const given = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value))
    return this.#read(await this.#client.get(given.size === 0 ? path : `${path}?${given}`), schema)
  }

  async send<T extends z.ZodType>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: object | undefined,
    schema: T,
  ): Promise<z.output<T>> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return this.#read(await this.#client.send(method, path, text), schema)
  }

  /** What is no JSON, or is handed on as it is. */
  async text(path: string): Promise<string> {
    const answer = await this.#client.get(path)
    if (answer.status !== 200) throw this.#refusal(answer)
    return answer.text
  }

  #read<T extends z.ZodType>(answer: Answer, schema: T): z.output<T> {
    if (answer.status === 0 || answer.status >= 400) throw this.#refusal(answer)
    const read = schema.safeParse(parsed(answer.text))
    if (read.success) return read.data
    throw new CommandFailed(
      `${this.#client.url} is no ${this.#service.name} of this version: its answer does not fit`,
    )
  }

  #refusal({ status, text, error }: Answer): CommandFailed {
    const { url } = this.#client
    if (status === 0) return new CommandFailed(`no ${this.#service.name} answers at ${url} (${error})`)
    return new CommandFailed(`${url} refuses: ${detailOf(parsed(text)) ?? status}`)
  }
}

/** What is wrong, with each place of the request when there are several. */
function detailOf(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null || !('detail' in problem)) return undefined
  const errors = 'errors' in problem && Array.isArray(problem.errors) ? problem.errors : []
  if (errors.length < 2) return String(problem.detail)
  return errors.map(({ path, message }) => `${path || 'request'}: ${message}`).join('; ')
}
