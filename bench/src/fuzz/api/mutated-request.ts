import { gzipSync } from 'node:zlib'
import type { Rng } from '@adf/detectors'
import { mutatedJson, oddText } from '../json-mutation.ts'
import { MUTATIONS, mutated } from '../mutation.ts'
import type { Recorded } from './recorded.ts'

/** A request as it goes over the wire. */
export interface Wire {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Uint8Array | undefined
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']
const TYPES = [
  'text/plain',
  'application/json; charset=utf-16',
  'multipart/form-data',
  'application/x-ndjson',
  ';;',
  'a/b',
]
const below = (rng: Rng, count: number): number => Math.floor(rng() * count)
const one = <T>(choices: readonly T[], rng: Rng): T => choices[below(rng, choices.length)]!

/** One or two things about a sound request made others: method, path, query, headers, the values or the bytes of its body. */
export function mutatedRequest({ method, path, query, type, body }: Recorded, rng: Rng): Wire {
  let wire: Wire = {
    method,
    path: `${path}${queryOf(query, rng)}`,
    headers: type === undefined ? {} : { 'content-type': type },
    body: body === undefined ? undefined : encode(mutatedJson(body, rng), type),
  }
  for (let times = 1 + below(rng, 2); times > 0; times--) wire = changed(wire, rng)
  return wire
}

function changed(wire: Wire, rng: Rng): Wire {
  const { path, headers, body } = wire
  switch (below(rng, 6)) {
    case 0:
      return rng() < 0.3 ? { ...wire, method: one(METHODS, rng) } : wire
    case 1: {
      const parts = path.split('/')
      return { ...wire, path: parts.with(1 + below(rng, parts.length - 1), escaped(oddText(rng))).join('/') }
    }
    case 2: {
      const bytes = mutated(Buffer.from(path), Buffer.from('/api/graph?at=2026'), one(MUTATIONS, rng), rng)
      return {
        ...wire,
        path: `/${escaped(Buffer.from(bytes).toString('latin1')).replaceAll('%2F', '/').replaceAll('%3F', '?')}`,
      }
    }
    case 3:
      return { ...wire, headers: { ...headers, 'content-type': one(TYPES, rng) } }
    case 4: {
      if (body === undefined) return wire
      const zipped = gzipSync(body)
      const sent = rng() < 0.5 ? zipped : mutated(zipped, body, one(MUTATIONS, rng), rng)
      return { ...wire, body: sent, headers: { ...headers, 'content-encoding': rng() < 0.9 ? 'gzip' : 'br' } }
    }
    default:
      return body === undefined
        ? wire
        : { ...wire, body: mutated(body, Buffer.from('{"a":[1]}'), one(MUTATIONS, rng), rng) }
  }
}

/** Some of the parameters, with odd values, and now and then one that is none. */
function queryOf(names: readonly string[], rng: Rng): string {
  const pairs = names.filter(() => rng() < 0.3).map((name) => `${name}=${escaped(oddText(rng))}`)
  if (rng() < 0.1) pairs.push(`${escaped(oddText(rng))}=${escaped(oddText(rng))}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

const encode = (body: unknown, type: string | undefined): Uint8Array =>
  Buffer.from(
    type === 'application/x-www-form-urlencoded'
      ? `payload=${escaped(JSON.stringify(body))}`
      : JSON.stringify(body),
  )

/** Percent-encoded, but for what a client could send as it is. */
const escaped = (text: string): string => encodeURIComponent(text.toWellFormed())

/** The request as text, for what no client of HTTP would send. */
export function asText({ method, path, headers, body = new Uint8Array() }: Wire, host: string): Buffer {
  const lines = Object.entries({ host, ...headers, 'content-length': String(body.length) })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`), body])
}
