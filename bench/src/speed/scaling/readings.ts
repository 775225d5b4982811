import { normal, seeded } from '@adf/detectors'
import type { RunningKafka } from '../../../../test/harness/kafka.ts'

const FEATURES = ['volts', 'amperes', 'watts', 'celsius', 'hertz', 'errors', 'retries', 'latency']
/** Messages of one call. */
const AT_ONCE = 2000

/** Readings of meters with eight features that follow a load, whose cycle is seen while they are learned, and have noise of their own, keyed by meter. */
export class Readings {
  /** How a processor declares them. */
  static readonly stream = {
    kind: 'event',
    entity: 'id',
    time: 'at',
    features: Object.fromEntries(FEATURES.map((name) => [name, {}])),
  }
  readonly #entities: number
  readonly #kafka: RunningKafka
  readonly #topic: string
  readonly #rng = seeded(1)
  #clockMs = Date.now() - 60_000

  constructor(entities: number, kafka: RunningKafka, topic: string) {
    this.#entities = entities
    this.#kafka = kafka
    this.#topic = topic
  }

  /** @param each readings of each meter */
  async send(each: number): Promise<void> {
    let messages: Parameters<RunningKafka['send']>[0] = []
    for (let n = 0; n < each; n++) {
      this.#clockMs++
      const load = 1 + 0.2 * Math.sin(this.#clockMs / 5)
      for (let meter = 0; meter < this.#entities; meter++) {
        messages.push(this.#message(`meter-${meter}`, load))
        if (messages.length < AT_ONCE) continue
        await this.#kafka.send(messages)
        messages = []
      }
    }
    if (messages.length > 0) await this.#kafka.send(messages)
  }

  #message(id: string, load: number) {
    const values = FEATURES.map((name, i) => [name, 10 * (i + 1) * (load + 0.05 * normal(this.#rng))])
    return {
      topic: this.#topic,
      key: Buffer.from(id),
      value: Buffer.from(JSON.stringify({ id, at: this.#clockMs, ...Object.fromEntries(values) })),
      headers: new Map([[Buffer.from('stream'), Buffer.from('readings')]]),
    }
  }
}
