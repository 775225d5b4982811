import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { LatencySetting } from './setting.ts'

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url))
const Counts = z.object({ sent: z.number(), late: z.number(), refused: z.number() })
const Onset = z.object({ onset: z.number() })

/** The generator process. */
export class Load {
  readonly #child: ChildProcess
  readonly #ended: Promise<never>

  constructor(url: string, { entities, flapping, oddIn }: LatencySetting) {
    this.#child = fork(GENERATOR, [url, `${entities}`, `${flapping}`, `${oddIn}`])
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the load generator ended with ${code}`)
    })
    this.#ended.catch(() => {})
  }

  /** So many vectors of each entity, in no time. */
  warm = (vectors: number) => this.#ask({ warm: vectors })

  /** From now on one of each every second. */
  pace = () => this.#ask({ pace: true })

  /** Resolves to when the first odd vector of this entity was sent, ms since the epoch. */
  async odd(entity: number): Promise<number> {
    await this.#ask({ odd: entity })
    return Onset.parse(await this.#next()).onset
  }

  /** All are as usual again. Resolves to what was sent until now. */
  usual = () => this.#ask({ odd: -1 })

  stop(): void {
    this.#child.disconnect()
  }

  async #ask(order: object) {
    const answer = this.#next()
    this.#child.send(order)
    return Counts.parse(await answer)
  }

  async #next(): Promise<unknown> {
    const [message] = await Promise.race([once(this.#child, 'message'), this.#ended])
    return message
  }
}
