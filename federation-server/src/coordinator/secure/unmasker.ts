import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { UnmaskJob, UnmaskOrder, UnmaskOutcome, UnmaskReply } from './unmask-job.ts'

export interface MaskedBody {
  readonly clientId: string
  /** Words, little-endian. */
  readonly bytes: Uint8Array
}

/** Takes the masks off a round's sum in a thread of its own, one input in memory at a time; requests go on meanwhile. @throws what ended the thread */
export async function unmaskInThread(
  job: UnmaskJob,
  inputs: AsyncIterable<MaskedBody>,
): Promise<UnmaskOutcome> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'adf-unmasking',
    workerData: job,
  })
  // `once` rejects with what the thread throws; that it ended without is a fault too.
  const ended = once(worker, 'exit').then(() => undefined)
  ended.catch(() => {})
  const ask = async (order: UnmaskOrder): Promise<UnmaskReply> => {
    const answered = once(worker, 'message')
    answered.catch(() => {})
    worker.postMessage(order)
    const message = await Promise.race([answered, ended])
    if (message === undefined) throw new Error('the thread that takes masks off ended without a result')
    const [reply]: UnmaskReply[] = message
    return reply!
  }
  try {
    for await (const { clientId, bytes } of inputs) {
      const reply = await ask({ kind: 'add', clientId, bytes: Uint8Array.from(bytes) })
      if (reply.kind !== 'added') return reply
    }
    const reply = await ask({ kind: 'unmask' })
    if (reply.kind === 'added') throw new Error('the thread that takes masks off answered out of turn')
    return reply
  } finally {
    await worker.terminate()
  }
}
