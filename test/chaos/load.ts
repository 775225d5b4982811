import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningKafka } from '../harness/kafka.ts'

export const STREAM = 'meters'
export const TOPIC = 'adf.events'
const METERS = 40
const NORMAL_VOLTS = 230
/** Milliseconds between two rounds, in each of which every meter says something. */
const ROUND_MS = 250

interface Event {
  readonly id: string
  readonly at: number
  readonly volts: number
}

/** What the broker took. */
export interface Sent {
  events: number
  /** `id time` of events far from what is normal. */
  readonly outliers: string[]
  /** Of those that were sent more than once, since the broker did not say whether it had the first. */
  readonly repeated: Set<string>
}

/** Events of meters, each at a time of its own; once `outliers` is set one meter of each round has a spike. */
export class EventLoad {
  readonly sent: Sent = { events: 0, outliers: [], repeated: new Set() }
  outliers = false
  readonly #kafka: RunningKafka
  readonly #stopping = new AbortController()
  #clockMs = 0
  #rounds = 0
  readonly #running: Promise<void>

  constructor(kafka: RunningKafka) {
    this.#kafka = kafka
    this.#running = this.#run()
  }

  /** Ends behind a round that the broker has. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const batch = this.#round()
      const far = batch.filter(({ volts }) => volts > 2 * NORMAL_VOLTS).map(({ id, at }) => `${id} ${at}`)
      while (!(await this.#send(batch))) {
        // Whether they are there is not known: they are sent again, and may be there twice.
        for (const one of far) this.sent.repeated.add(one)
        await sleep(ROUND_MS)
      }
      this.sent.events += batch.length
      this.sent.outliers.push(...far)
      await sleep(ROUND_MS)
    }
  }

  #round(): Event[] {
    this.#clockMs = Math.max(this.#clockMs, Date.now() - 1000)
    const spike = this.outliers ? this.#rounds % METERS : -1
    this.#rounds++
    return Array.from({ length: METERS }, (_, n) => {
      const at = ++this.#clockMs
      const volts = n === spike ? 10 * NORMAL_VOLTS : NORMAL_VOLTS + Math.sin(n * 1.7 + at)
      return { id: `meter-${n}`, at, volts }
    })
  }

  async #send(batch: readonly Event[]): Promise<boolean> {
    try {
      await this.#kafka.sendOnce(
        batch.map((event) => ({
          topic: TOPIC,
          key: Buffer.from(event.id),
          value: Buffer.from(JSON.stringify(event)),
          headers: new Map([[Buffer.from('stream'), Buffer.from(STREAM)]]),
        })),
      )
      return true
    } catch {
      return false
    }
  }
}
