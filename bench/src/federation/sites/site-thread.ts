import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Order, RoundAnswer, RoundOrder, ScoreOrder, ThreadData } from './training-order.ts'

/** A thread that trains and judges for one site, one order after the other. */
export class SiteThread {
  readonly #worker: Worker
  #last: Promise<unknown> = Promise.resolve()

  constructor(data: ThreadData) {
    const workerData: ThreadData = {
      network: data.network,
      features: data.features,
      training: data.training,
    }
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { name: 'site', workerData })
  }

  round(order: Omit<RoundOrder, 'kind'>): Promise<RoundAnswer> {
    return this.#do<RoundAnswer>({ kind: 'round', ...order })
  }

  /** A severity for each row of `test`. */
  score(order: Omit<ScoreOrder, 'kind'>): Promise<Float64Array> {
    return this.#do<Float64Array>({ kind: 'score', ...order })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  /** @throws what the thread threw; it is of no use then */
  #do<A>(order: Order): Promise<A> {
    const next = this.#last.then(async () => {
      const answered = once(this.#worker, 'message')
      this.#worker.postMessage(order)
      const [answer]: A[] = await answered
      return answer!
    })
    this.#last = next.catch(() => {})
    return next
  }
}

/** Gives `work` a thread for each site, in their order, and closes them behind it. */
export async function withThreads<R>(
  sites: readonly ThreadData[],
  work: (threads: readonly SiteThread[]) => Promise<R>,
): Promise<R> {
  const threads = sites.map((site) => new SiteThread(site))
  try {
    return await work(threads)
  } finally {
    for (const thread of threads) await thread.close()
  }
}
