import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { ClientId, RoundNumber, RunName, Version } from './scalar.ts'

/** So many bytes in base64url without padding. */
const bytes = (count: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((4 * count) / 3)}}$`))

const key = bytes(32).meta({ description: 'X25519 (RFC 7748), 32 bytes in base64url' })
const signature = bytes(64).meta({ description: 'Ed25519, 64 bytes in base64url' })
/** Most clients of a round: coordinates of shares are of one byte, and not zero. */
const MOST = 255

/** What all of a round agree on (docs/formats/secure-aggregation.md, "Numbers"). */
export const SecureParameters = z
  .strictObject({
    base: Version.meta({ description: 'the version that updates begin with' }),
    clients: z.int().min(3).max(MOST).meta({ description: 'how many may take part' }),
    threshold: z.int().min(2).max(MOST).meta({ description: 'survivors that the round needs' }),
    length: z.int().min(1).max(0x100_0000).meta({ description: 'values of an update' }),
    clip: z.number().min(1e-30).max(1e30).meta({ description: 'values beyond ± this are cut to it' }),
    sample_cap: z.int().min(1).meta({ description: 'samples that a client counts for at most' }),
  })
  .refine(({ clients, threshold }) => threshold <= clients && 2 * threshold > clients, {
    error: 'must be more than half of clients, and at most all',
    path: ['threshold'],
  })
  .meta({ id: 'SecureParameters' })
export type SecureParameters = z.infer<typeof SecureParameters>

/** Public keys of one client for one round. */
export const SecureKeys = z
  .strictObject({
    client_id: ClientId,
    share_key: key,
    mask_key: key,
    seed_digest: bytes(32).meta({
      description: 'SHA-256, by which the seed of its self-mask is known again',
    }),
    signature,
  })
  .meta({ id: 'SecureKeys' })
export type SecureKeys = z.infer<typeof SecureKeys>

const envelope = bytes(94).meta({ description: 'encrypted for its recipient, 94 bytes in base64url' })

/** A client's shares, one for each of the others. */
export const SecureShares = z
  .strictObject({
    shares: z.array(z.strictObject({ recipient: ClientId, envelope })).max(MOST - 1),
  })
  .meta({ id: 'SecureShares' })
export type SecureShares = z.infer<typeof SecureShares>

/** A survivor's signature under the list of survivors. */
export const SecureConfirmation = z
  .strictObject({ client_id: ClientId, signature })
  .meta({ id: 'SecureConfirmation' })
export type SecureConfirmation = z.infer<typeof SecureConfirmation>

const shares = z.array(
  z.strictObject({
    owner: ClientId.meta({ description: 'whose secret it is a share of' }),
    share: bytes(33).meta({ description: '33 bytes in base64url' }),
  }),
)

/** Shares of the seeds of survivors, and of the mask keys of those who dropped out. */
export const SecureAnswer = z
  .strictObject({ seeds: shares.max(MOST), mask_keys: shares.max(MOST) })
  .meta({ id: 'SecureAnswer' })
export type SecureAnswer = z.infer<typeof SecureAnswer>

const ids = z.array(ClientId).max(MOST)
const lists = {
  survivors: ids.meta({ description: 'whose masked inputs are in the sum' }),
  dropped: ids.meta({ description: 'who sent shares and no input' }),
}
const always = { run: RunName, round: RoundNumber, parameters: SecureParameters, deadline: Instant }

/** Where a round is, with what a client needs for its next step. */
export const SecureRoundState = z
  .discriminatedUnion('phase', [
    z.strictObject({ phase: z.literal('advertising'), ...always }),
    z.strictObject({ phase: z.literal('sharing'), ...always, clients: z.array(SecureKeys).max(MOST) }),
    z.strictObject({
      phase: z.literal('masking'),
      ...always,
      shares: z
        .array(z.strictObject({ sender: ClientId, envelope }))
        .max(MOST - 1)
        .meta({ description: 'for the client that asks' }),
    }),
    z.strictObject({ phase: z.literal('confirming'), ...always, ...lists }),
    z.strictObject({
      phase: z.literal('unmasking'),
      ...always,
      ...lists,
      confirmations: z.array(SecureConfirmation).max(MOST),
    }),
    z.strictObject({
      phase: z.literal('over'),
      ...always,
      reason: z.string().nullable().meta({ description: 'why there is no result; null when there is one' }),
    }),
  ])
  .meta({
    id: 'SecureRoundState',
    description: '`deadline` is that of the phase: who is silent then has dropped out',
  })
export type SecureRoundState = z.infer<typeof SecureRoundState>
