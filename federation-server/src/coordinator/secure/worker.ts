import { parentPort, workerData } from 'node:worker_threads'
import {
  decodeTerms,
  MaskedSum,
  rosterOf,
  SecureAggregationError,
  unmask,
} from '@adf/federation/secure-aggregation'
import type { UnmaskJob, UnmaskOrder, UnmaskReply } from './unmask-job.ts'

/** Adds up the masked inputs of a round and takes the masks off: some hundred thousand words for each client, and each pair with one that dropped out. */
const { round, advertisements, enrolled, sharers, answers }: UnmaskJob = workerData
const sum = new MaskedSum(round, sharers)

async function reply(order: UnmaskOrder): Promise<UnmaskReply> {
  try {
    if (order.kind === 'add') {
      sum.add({ clientId: order.clientId, terms: decodeTerms(order.bytes, round.length) })
      return { kind: 'added' }
    }
    const roster = rosterOf(round, advertisements, enrolled)
    return { kind: 'mean', ...(await unmask({ round, roster, sum, answers })) }
  } catch (error) {
    if (error instanceof SecureAggregationError)
      return { kind: 'refused', code: error.code, detail: error.message }
    throw error
  }
}

parentPort?.on('message', async (order: UnmaskOrder) => {
  parentPort?.postMessage(await reply(order))
})
