import { makeWeights, type Weights } from '@adf/detectors'
import { runInProcess } from '../training/job-process.ts'
import type { NetworkJob } from './stream-network.ts'

/** Trains the networks of streams, one at a time, each in a process of its own that ends with it. */
export class NetworkTrainer {
  readonly #script = new URL('./training-process.ts', import.meta.url)
  readonly #stopped = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  /** @returns undefined when it was stopped meanwhile @throws what the training threw */
  train(job: NetworkJob): Promise<Weights | undefined> {
    const next = this.#last.then(() => this.#run(job))
    this.#last = next.catch(() => {})
    return next
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#last
  }

  async #run(job: NetworkJob): Promise<Weights | undefined> {
    const { signal } = this.#stopped
    try {
      const trained = await runInProcess<NetworkJob, Weights>(this.#script, job, signal)
      return makeWeights(trained.network, trained.values, trained.version)
    } catch (error) {
      if (signal.aborted) return undefined
      throw error
    }
  }
}
