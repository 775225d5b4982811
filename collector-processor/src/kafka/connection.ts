import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { BaseOptions } from '@platformatic/kafka'
import type { Config } from '../config.ts'

/** PEM files, read. */
export interface KafkaTls {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

const CONNECT_MS = 5000
/** Whoever uses a client tries again by itself: a fault must be told soon. */
const RETRIES = 1
const RETRY_DELAY_MS = 200

/** What every client of the brokers has in common. @param tls undefined: plain text */
export function connectionOptions(
  { brokers, client_id, sasl }: Config['kafka'],
  tls: KafkaTls | undefined,
): BaseOptions {
  return {
    clientId: client_id,
    bootstrapBrokers: [...brokers],
    connectTimeout: CONNECT_MS,
    timeout: CONNECT_MS,
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
    autocreateTopics: false,
    ...(sasl && {
      sasl: {
        mechanism: sasl.mechanism,
        username: sasl.username,
        password: () => readPassword(sasl),
      },
    }),
    ...(tls && { tls: { ...tls, minVersion: 'TLSv1.2' as const }, tlsServerName: !brokers.some(isAddress) }),
  }
}

/** Names alone are for SNI (RFC 6066, section 3). */
const isAddress = (broker: string) =>
  isIP(broker.slice(0, broker.lastIndexOf(':')).replace(/^\[|\]$/g, '')) !== 0

/** Rejects when the file cannot be read: the connection fails, and says so. */
async function readPassword({
  password,
  password_file,
}: NonNullable<Config['kafka']['sasl']>): Promise<string> {
  if (password !== undefined) return password
  const text = await readFile(password_file ?? '', 'utf8')
  return text.replace(/\r?\n$/, '')
}

/** A fault of the client in words: those of its innermost causes, each once. */
export function faultInWords(error: unknown): string {
  const words = new Set<string>()
  const collect = (one: unknown, depth: number) => {
    if (!(one instanceof Error) || depth > 8) {
      words.add(String(one))
      return
    }
    const inner = one instanceof AggregateError ? one.errors : one.cause === undefined ? [] : [one.cause]
    if (inner.length === 0) words.add(one.message)
    for (const each of inner) collect(each, depth + 1)
  }
  collect(error, 0)
  return [...words].slice(0, 3).join('; ').slice(0, 500)
}
