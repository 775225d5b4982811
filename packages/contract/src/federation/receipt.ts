import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { ClientId, RoundNumber, RunName, Sha256 } from './scalar.ts'

/** That an update is stored and will not be lost. The same bytes again get the same receipt. */
export const Receipt = z
  .strictObject({
    run: RunName,
    round: RoundNumber.meta({ description: 'the round that it will count in' }),
    client_id: ClientId,
    hash: Sha256.meta({ description: 'of the body' }),
    late: z.boolean().meta({ description: 'came after its round; counts for less in a later one' }),
    time: Instant,
  })
  .meta({ id: 'Receipt' })
export type Receipt = z.infer<typeof Receipt>
