import type { z } from 'zod'
import { errorOf } from './ask-error.ts'
import type { Send } from './send.ts'
import { understand } from './understand.ts'

/** A route of the contract, as far as asking goes. */
interface Asked<S extends z.ZodType> {
  readonly method: string
  readonly path: string
  readonly answer: { readonly schema: S }
}

export interface Question {
  /** Parts of the path; each is escaped. */
  readonly params?: Readonly<Record<string, string>>
  /** What is undefined or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** Asks the processor one of the contract's routes and reads the answer by its schema. Rejects with an AskError. */
export async function ask<S extends z.ZodType>(
  send: Send,
  route: Asked<S>,
  { params = {}, query = {}, body, signal }: Question = {},
): Promise<z.output<S>> {
  const path = route.path
    .slice(1)
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const reply = await send({
    method: route.method.toUpperCase(),
    path,
    query: Object.fromEntries(
      Object.entries(query).flatMap(([name, value]) =>
        value === undefined || value === '' ? [] : [[name, String(value)]],
      ),
    ),
    body,
    signal,
  })
  if (reply.status < 200 || reply.status > 299) throw errorOf(reply)
  return understand(route.answer.schema, reply.status === 204 ? undefined : reply.body)
}
