import type { Component } from './component.ts'

/** One component failed to start or stop; `cause` is what it threw. */
export class ComponentError extends Error {
  override name = 'ComponentError'
  readonly component: string
  constructor(component: string, verb: string, cause: unknown) {
    super(`${component} ${verb}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.component = component
  }
}

type State = 'new' | 'starting' | 'started' | 'stopped'

/**
 * Starts components in the order given, one after the other, and stops them in reverse. When one fails to start, those
 * before it are stopped and start() rejects with its ComponentError. A component that does not stop within
 * `stopTimeoutMs` is left behind and reported; the others are stopped all the same. stop() rejects with an
 * AggregateError of ComponentErrors when any failed.
 */
export class Lifecycle implements Component {
  readonly name: string
  readonly #components: readonly Component[]
  readonly #stopTimeoutMs: number
  #state: State = 'new'
  #begun: Component[] = []
  #starting: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | undefined

  constructor(
    components: readonly Component[],
    { name = 'adf', stopTimeoutMs = 10_000 }: { name?: string; stopTimeoutMs?: number } = {},
  ) {
    this.name = name
    this.#components = components
    this.#stopTimeoutMs = stopTimeoutMs
  }

  start(): Promise<void> {
    if (this.#state !== 'new') return Promise.reject(new Error(`${this.name} was started or stopped before`))
    this.#state = 'starting'
    this.#starting = this.#startAll()
    return this.#starting
  }

  /** Also waits for a start() under way, which begins no further component. */
  stop(): Promise<void> {
    if (this.#stopping === undefined) {
      this.#state = 'stopped'
      this.#stopping = this.#starting.catch(() => {}).then(() => this.#stopAll())
    }
    return this.#stopping
  }

  async #startAll(): Promise<void> {
    for (const component of this.#components) {
      if (this.#state !== 'starting') return
      this.#begun.push(component)
      try {
        await component.start()
      } catch (error) {
        const failure = new ComponentError(component.name, 'did not start', error)
        const left = await this.#stopAll().catch((errors: unknown) => errors)
        if (left instanceof AggregateError) {
          throw new AggregateError([failure, ...left.errors], failure.message, { cause: error })
        }
        throw failure
      }
    }
    if (this.#state === 'starting') this.#state = 'started'
  }

  async #stopAll(): Promise<void> {
    const errors: ComponentError[] = []
    for (let component = this.#begun.pop(); component !== undefined; component = this.#begun.pop()) {
      try {
        await bounded(component.stop(), this.#stopTimeoutMs)
      } catch (error) {
        errors.push(new ComponentError(component.name, 'did not stop', error))
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('; '))
  }
}

async function bounded(work: Promise<void>, milliseconds: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`still busy after ${milliseconds} ms`)), milliseconds)
  try {
    await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
