import { FNV_PRIME, FNV_SEED, hashOfText } from './characters.ts'

/** What the value of a key says about the statement that wrote a record. */
export const Role = {
  /** A value: never part of a template. */
  other: 0,
  /** A time, an id, a place: not even its key matters. */
  volatile: 1,
  /** The message itself. */
  message: 2,
  /** What went wrong, in words. */
  error: 3,
  /** Level and logger: two statements may have one message. */
  origin: 4,
  /** One of few words, such as a state. */
  word: 5,
} as const
export type Role = (typeof Role)[keyof typeof Role]

const KEYS: Readonly<Record<Exclude<keyof typeof Role, 'other'>, string>> = {
  volatile:
    'timestamp time ts t date datetime eventtime asctime created now traceid spanid parentid parentspanid traceflags trace span ' +
    'requestid reqid correlationid transactionid sessionid session userid pid tid ppid thread threadid threadname process ' +
    'hostname host node pod podname podid podip container containerid containername id uuid guid ip clientip remoteaddr ' +
    'v version line lineno linenumber duration elapsed latency took seq sequence offset',
  message:
    'message msg log text event body m content shortmessage fullmessage description eventname renderedmessage',
  error:
    'error err exception exceptiontype exceptionclass exceptionmessage errortype errormessage errorkind errmsg cause reason ' +
    'stack stacktrace traceback',
  origin:
    'level lvl l severity severitytext loglevel levelname logger loggername component module class category',
  word: 'state status code type kind method op operation action outcome',
}

const roles = new Map<number, Role>()
for (const name of ['volatile', 'message', 'error', 'origin', 'word'] as const)
  for (const key of KEYS[name].split(' ')) roles.set(hashOfText(key), Role[name])

/** Role of the key in bytes[start … end). `trace_id`, `trace.id` and `traceId` are one key. */
export function roleOf(bytes: Uint8Array, start: number, end: number): Role {
  let hash = FNV_SEED
  for (let i = start; i < end; i++) {
    const byte = fold(bytes[i]!)
    if (byte !== 0) hash = Math.imul(hash ^ byte, FNV_PRIME)
  }
  return roles.get(hash) ?? Role.other
}

const REMEMBERED = 1024
const hashes = new Int32Array(REMEMBERED)
const remembered = new Uint8Array(REMEMBERED)

/** The same of a key whose hash (`hashOf`) is known: keys are few, and come again. */
export function roleOfHash(hash: number, bytes: Uint8Array, start: number, end: number): Role {
  const place = (hash ^ (hash >>> 16)) & (REMEMBERED - 1)
  const known = remembered[place]
  if (hashes[place] === hash && known !== undefined && known > 0) return ROLES[known - 1] ?? Role.other
  const role = roleOf(bytes, start, end)
  hashes[place] = hash
  remembered[place] = role + 1
  return role
}
const ROLES = [Role.other, Role.volatile, Role.message, Role.error, Role.origin, Role.word] as const

/** A letter in lower case, a digit as it is; 0 for punctuation. */
function fold(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 0x20
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte >= 0x80 ? byte : 0
}
