import { randomBytes } from 'node:crypto'
import { SecureAnswer, SecureShares } from '@adf/contract/federation'
import type { Forger } from '../forger.ts'
import type { Message } from './part.ts'

/** What nobody can see in a message by itself, and what comes of it is only seen later. */
export const LIES = {
  /** Keys that the other intruder advertises too. */
  twin_keys: (message: Message) => message,
  /** Shares that open nowhere. */
  wrong_shares: (message: Message) => {
    const { shares } = SecureShares.parse(jsonOf(message.body))
    return changed(message, {
      shares: shares.map((one) => ({ ...one, envelope: randomBytes(94).toString('base64url') })),
    })
  },
  /** An update of numbers that follow no rule. */
  any_update: (message: Message) => ({ ...message, body: randomBytes(message.body.length) }),
  /** A million samples; the mask is added to them, so that nobody sees it. */
  million_samples: (message: Message) => {
    const body = Buffer.from(message.body)
    const at = body.length - 4
    body.writeUInt32LE((body.readUInt32LE(at) + 1_000_000) >>> 0, at)
    return { ...message, body }
  },
  /** A share of another secret than was asked for. */
  wrong_answer: (message: Message, forger: Forger) => {
    const { seeds, mask_keys } = SecureAnswer.parse(jsonOf(message.body))
    const at = forger.below(seeds.length)
    const share = randomBytes(33).toString('base64url')
    return changed(message, { seeds: seeds.map((one, i) => (i === at ? { ...one, share } : one)), mask_keys })
  },
  silence: () => undefined,
} as const satisfies Record<string, (message: Message, forger: Forger) => Message | undefined>

export type Lie = keyof typeof LIES

/** The step in which a lie is told; silence may fall at any. */
export const TOLD_IN: Readonly<Record<Exclude<Lie, 'silence'>, Message['step']>> = {
  twin_keys: 'keys',
  wrong_shares: 'shares',
  any_update: 'input',
  million_samples: 'input',
  wrong_answer: 'answer',
}

const jsonOf = (body: Uint8Array): unknown => JSON.parse(Buffer.from(body).toString())
const changed = (message: Message, content: object): Message => ({
  ...message,
  body: Buffer.from(JSON.stringify(content)),
})
