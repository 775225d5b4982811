import { Worker } from 'node:worker_threads'
import type { Component } from '@adf/service'
import type { Reading } from '../round/reading.ts'
import type { Impossible, Judged, Made, RoundToCombine, RoundToJudge } from '../round/run-computation.ts'
import type { Numbered, Outcome, Refused, Task, ThreadRun } from './message.ts'

interface Waiting {
  resolve(outcome: Outcome): void
  reject(error: Error): void
}

/**
 * A thread that works out one thing after the other, so that whoever asked goes on serving meanwhile. What it has not answered when it ends is
 * rejected, and a new one begins with the next task: each follows from what is handed to it.
 */
export class ComputingThread implements Component {
  readonly name: string
  readonly #script = new URL('./worker.ts', import.meta.url)
  readonly #runs: readonly ThreadRun[]
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #number = 0
  #stopped = false

  /** @param name under which debuggers show it */
  constructor(name: string, runs: readonly ThreadRun[]) {
    this.name = name
    this.#runs = runs
  }

  /** Does not wait for it: what is asked for meanwhile is done when it is there. */
  async start(): Promise<void> {
    this.#worker ??= this.#begin()
  }

  async read(run: string, body: Uint8Array): Promise<Reading | Refused> {
    const outcome = await this.#ask({ kind: 'read', run, body })
    if (outcome.kind === 'read') return outcome.reading
    if (outcome.kind === 'refused') return outcome
    throw unexpected(outcome)
  }

  async judge(run: string, round: RoundToJudge): Promise<Judged> {
    const outcome = await this.#ask({ kind: 'judge', run, round })
    if (outcome.kind === 'judged') return outcome.judged
    throw unexpected(outcome)
  }

  async combine(run: string, round: RoundToCombine): Promise<Made | Impossible> {
    const outcome = await this.#ask({ kind: 'combine', run, round })
    if (outcome.kind === 'made' || outcome.kind === 'impossible') return outcome
    throw unexpected(outcome)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#worker?.terminate()
  }

  #ask(task: Task): Promise<Outcome> {
    if (this.#stopped) return Promise.reject(new Error(`the thread ${this.name} was stopped`))
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
    const number = ++this.#number
    this.#waiting.set(number, { resolve, reject })
    this.#worker ??= this.#begin()
    this.#worker.postMessage({ number, message: task } satisfies Numbered<Task>)
    return promise
  }

  #begin(): Worker {
    const worker = new Worker(this.#script, { name: this.name, workerData: this.#runs })
    worker.on('message', ({ number, message }: Numbered<Outcome>) => {
      this.#waiting.get(number)?.resolve(message)
      this.#waiting.delete(number)
    })
    let fault: Error | undefined
    worker.on('error', (error) => {
      fault = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('exit', () => {
      this.#worker = undefined
      const error = fault ?? new Error(`the thread ${this.name} has ended`)
      for (const { reject } of this.#waiting.values()) reject(error)
      this.#waiting.clear()
    })
    return worker
  }
}

const unexpected = (outcome: Outcome): Error =>
  outcome.kind === 'failed' && outcome.error instanceof Error
    ? outcome.error
    : new Error(`a thread answered with ${outcome.kind}`)
