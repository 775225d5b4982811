import { createHmac, timingSafeEqual } from 'node:crypto'

/** What one click on a link says, and until when. */
export interface FeedbackLink {
  readonly target: { readonly kind: 'incident' | 'alert'; readonly id: string }
  readonly verdict: 'true_positive' | 'false_positive'
  /** Whole seconds are kept, rounded up. */
  readonly expiresMs: number
  /** Tells links apart that say the same; used up together with the link. */
  readonly nonce: string
}

const VERSION = 1
const USEFUL = 1
const ALERT = 2
const UUID_ID = 4
const HEAD = 5
const NONCE = 8
const MAC = 32
const LONGEST_ID = 64
const LONGEST_TOKEN = 256
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Makes and reads the tokens of one-click links: `payload.signature`, both base64url; the signature is HMAC-SHA256 (RFC 2104) of the payload.
 * The payload is a byte of version and flags, four of expiry (seconds since 1970), eight of nonce, then the id: 16 bytes of a UUID, else UTF-8.
 * With a UUID a token has 83 characters. The first key signs; any of them is good for reading, so that a key can be replaced.
 *
 * The same target, verdict and expiry give the same token: an alert that is sent again carries the same links.
 */
export class FeedbackLinks {
  readonly #keys: readonly Buffer[]

  /** @throws RangeError without a key */
  constructor(keys: readonly string[]) {
    if (keys.length === 0) throw new RangeError('a feedback link needs a key')
    this.#keys = keys.map((key) => Buffer.from(key, 'utf8'))
  }

  /** @throws RangeError for an id of more than 64 bytes */
  token({ target, verdict, expiresMs }: Omit<FeedbackLink, 'nonce'>): string {
    const isUuid = uuidForm.test(target.id)
    const id = isUuid ? Buffer.from(target.id.replaceAll('-', ''), 'hex') : Buffer.from(target.id, 'utf8')
    if (id.length === 0 || id.length > LONGEST_ID)
      throw new RangeError(`the id of a feedback link has 1 to ${LONGEST_ID} bytes, this one ${id.length}`)
    const head = Buffer.alloc(HEAD)
    head[0] =
      (VERSION << 4) |
      (verdict === 'true_positive' ? USEFUL : 0) |
      (target.kind === 'alert' ? ALERT : 0) |
      (isUuid ? UUID_ID : 0)
    head.writeUInt32BE(Math.ceil(expiresMs / 1000), 1)
    const key = this.#keys[0] ?? Buffer.alloc(0)
    // Of what the link says, and so the same for the same: nothing needs to be remembered to send an alert again.
    const nonce = createHmac('sha256', key)
      .update('nonce')
      .update(head)
      .update(id)
      .digest()
      .subarray(0, NONCE)
    const payload = Buffer.concat([head, nonce, id])
    return `${payload.toString('base64url')}.${sign(key, payload).toString('base64url')}`
  }

  /** undefined: not made with one of the keys. An expired one is read: whoever asks decides what that means. */
  read(token: string): FeedbackLink | undefined {
    const parts = token.length > LONGEST_TOKEN ? [] : token.split('.')
    const [text, signature] = parts
    if (parts.length !== 2 || text === undefined || signature === undefined) return undefined
    const payload = Buffer.from(text, 'base64url')
    const mac = Buffer.from(signature, 'base64url')
    // Only the one spelling: a link that is used must not live on under another.
    if (payload.toString('base64url') !== text || mac.toString('base64url') !== signature) return undefined
    if (mac.length !== MAC) return undefined
    let known = false
    // No early exit: the time taken says nothing about which key is near.
    for (const key of this.#keys) if (timingSafeEqual(sign(key, payload), mac)) known = true
    return known ? parse(payload) : undefined
  }
}

function parse(payload: Buffer): FeedbackLink | undefined {
  const flags = payload[0] ?? 0
  const id = payload.subarray(HEAD + NONCE)
  if (flags >> 4 !== VERSION || id.length === 0) return undefined
  return {
    target: {
      kind: (flags & ALERT) === 0 ? 'incident' : 'alert',
      id: (flags & UUID_ID) === 0 ? id.toString('utf8') : dashed(id.toString('hex')),
    },
    verdict: (flags & USEFUL) === 0 ? 'false_positive' : 'true_positive',
    expiresMs: payload.readUInt32BE(1) * 1000,
    nonce: payload.subarray(HEAD, HEAD + NONCE).toString('base64url'),
  }
}

/** The purpose is part of what is signed: the key may be in use for something else. */
const sign = (key: Buffer, payload: Buffer) =>
  createHmac('sha256', key).update('adf-feedback-link').update(payload).digest()

const dashed = (hex: string) =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
