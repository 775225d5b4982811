import { bytes, fault } from '@adf/service'
import { z } from 'zod'

/** At rest it takes about half of it. */
const LEAST = 256 * 2 ** 20

/** The section `memory`. */
export const memory = z
  .strictObject({
    limit: bytes('0').unwrap().optional().meta({
      kind: 'bytes',
      description:
        'resident memory that the process keeps below: near it exemplars are given up, then history, then new entities; left out: nine tenths of what its container has, without a container no limit',
    }),
  })
  .superRefine(({ limit }, context) => {
    if (limit !== undefined && limit < LEAST) fault(context, ['limit'], 'must be 256MiB at least')
  })
  .prefault({})
