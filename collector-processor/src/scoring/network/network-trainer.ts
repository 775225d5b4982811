import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { makeWeights, type Weights } from '@adf/detectors'
import type { NetworkJob } from './stream-network.ts'

/** Trains the networks of streams, one at a time, each in a thread of its own that ends with it. */
export class NetworkTrainer {
  readonly #script = new URL('./worker.ts', import.meta.url)
  #last: Promise<unknown> = Promise.resolve()
  #worker: Worker | undefined
  #stopped = false

  /** @returns undefined when it was stopped meanwhile @throws what the training threw */
  train(job: NetworkJob): Promise<Weights | undefined> {
    const next = this.#last.then(() => (this.#stopped ? undefined : this.#run(job)))
    this.#last = next.catch(() => {})
    return next
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#worker?.terminate()
    await this.#last
  }

  async #run(job: NetworkJob): Promise<Weights | undefined> {
    const worker = new Worker(this.#script, { name: 'adf-network', workerData: job })
    this.#worker = worker
    try {
      const trained = once(worker, 'message')
      const ended = once(worker, 'exit').then(() => undefined)
      const message = await Promise.race([trained, ended])
      trained.catch(() => {})
      if (message === undefined) {
        if (this.#stopped) return undefined
        throw new Error('the thread that trains the network ended without weights')
      }
      const { network, values, version }: Weights = message[0]
      return makeWeights(network, values, version)
    } finally {
      this.#worker = undefined
      await worker.terminate()
    }
  }
}
