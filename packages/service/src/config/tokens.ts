import { z } from 'zod'
import { scopes } from '../auth/tokens.ts'

/** Bearer tokens, of which only the hashes are known. `description` says what they open. */
export const tokens = (description: string) =>
  z
    .strictObject({
      tokens: z
        .array(
          z.strictObject({
            name: z.string().min(1),
            sha256: z
              .string()
              .regex(/^[0-9a-f]{64}$/)
              .meta({ description: 'SHA-256 of the token, in hex; `adf token` makes both' }),
            scopes: z.array(z.enum(scopes)).min(1),
          }),
        )
        .default([])
        .meta({ description }),
    })
    .prefault({})
