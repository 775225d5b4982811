import { Worker } from 'node:worker_threads'
import type { ClassifierJob, TrainingJob, TrainingResult } from '@adf/detectors'
import type { Trainer } from './trainer.ts'
import type { Delivery, Order } from './worker.ts'

type Done = (result: Delivery['result'] | undefined) => void

/** More waiting jobs than this are turned away: their entities ask again when their next refit is due. */
const MAX_WAITING = 20_000
/** A thread that died is started again after this long, at most doubled eight times. */
const RESTART_MS = 100

/**
 * Trains in one worker thread. When it dies, the jobs that it held are lost (never run again: one of them may be what killed
 * it), and a new thread takes the next ones.
 */
export class WorkerTrainer implements Trainer {
  readonly #script: URL
  readonly #onRestart: (error: Error | undefined) => void
  readonly #waiting = new Map<number, Done>()
  #worker: Worker | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = true
  #deaths = 0
  #next = 0

  constructor(
    onRestart: (error: Error | undefined) => void,
    script = new URL('./worker.ts', import.meta.url),
  ) {
    this.#onRestart = onRestart
    this.#script = script
  }

  /** Thread of the moment, for tests and diagnosis; undefined while there is none. */
  get threadId(): number | undefined {
    return this.#worker?.threadId
  }

  async start(): Promise<void> {
    if (!this.#stopped) return
    this.#stopped = false
    this.#spawn()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    const worker = this.#worker
    this.#worker = undefined
    this.#lose()
    await worker?.terminate()
  }

  submit(job: TrainingJob, done: (result: TrainingResult | undefined) => void): void {
    const arrays = job.kind === 'refit' ? job.scores : [job.vectors]
    const buffers = arrays.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer)
    this.#order(job, buffers, (result) => done(result instanceof Uint8Array ? undefined : result))
  }

  classify(job: ClassifierJob, done: (model: Uint8Array | undefined) => void): void {
    this.#order(job, [], (result) => done(result instanceof Uint8Array ? result : undefined))
  }

  #order(job: Order['job'], buffers: ArrayBuffer[], done: Done): void {
    if (this.#worker === undefined || this.#waiting.size >= MAX_WAITING) {
      done(undefined)
      return
    }
    const id = this.#next++
    this.#waiting.set(id, done)
    this.#worker.postMessage({ id, job } satisfies Order, buffers)
  }

  #spawn(): void {
    const worker = new Worker(this.#script, { name: 'adf-training' })
    let failure: Error | undefined
    worker.on('message', ({ id, result }: Delivery) => {
      this.#deaths = 0
      const done = this.#waiting.get(id)
      this.#waiting.delete(id)
      done?.(result)
    })
    worker.on('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#lose()
      if (this.#stopped) return
      this.#onRestart(failure)
      this.#timer = setTimeout(() => this.#spawn(), RESTART_MS * 2 ** Math.min(8, this.#deaths++))
      this.#timer.unref()
    })
    worker.unref()
    this.#worker = worker
  }

  #lose(): void {
    const lost = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const done of lost) done(undefined)
  }
}
