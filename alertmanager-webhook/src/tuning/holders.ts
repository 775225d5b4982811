import type { Threshold, ThresholdChange } from '@adf/contract'
import type { Processor } from '../processor/processor.ts'
import { placeKey } from './roster.ts'

/** The threshold of an entity as a processor has it. */
export interface Held {
  /** null: the initial one. */
  readonly threshold: Threshold | null
  /** Of the latest time that an operator took a change back; 0: never, as far as is kept. */
  readonly rolledBack: number
  /** The latest change; undefined: none is kept. */
  readonly latest: ThresholdChange | undefined
}

const PAGE = 500
/** Of history, at the first reading; changes before it are not looked at. */
const MOST_PAGES = 40

/** Follows who holds the thresholds at one processor. */
export class Holders {
  readonly #processor: Processor
  #version = -1
  #thresholds = new Map<string, Threshold>()
  readonly #latest = new Map<string, ThresholdChange>()
  readonly #rolledBack = new Map<string, number>()

  constructor(processor: Processor) {
    this.#processor = processor
  }

  /** @throws ProcessorError */
  async refresh(signal?: AbortSignal): Promise<void> {
    let page = await this.#processor.thresholds({ limit: PAGE }, signal)
    const { version } = page
    if (version === this.#version) return
    // Another database stands behind the address: what was seen of the one before says nothing.
    const anew = version < this.#version
    if (anew) {
      this.#latest.clear()
      this.#rolledBack.clear()
    }
    const thresholds = new Map<string, Threshold>()
    for (;;) {
      for (const each of page.items) thresholds.set(placeKey(each.stream, each.entity_id), each)
      if (page.next_cursor === null) break
      page = await this.#processor.thresholds({ limit: PAGE, cursor: page.next_cursor }, signal)
    }
    await this.#readHistory(anew ? -1 : this.#version, signal)
    this.#thresholds = thresholds
    this.#version = version
  }

  held(stream: string, entityId: string): Held {
    const key = placeKey(stream, entityId)
    return {
      threshold: this.#thresholds.get(key) ?? null,
      rolledBack: this.#rolledBack.get(key) ?? 0,
      latest: this.#latest.get(key),
    }
  }

  async #readHistory(seen: number, signal: AbortSignal | undefined): Promise<void> {
    const news: ThresholdChange[] = []
    let cursor: string | undefined
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const { items, next_cursor } = await this.#processor.thresholdHistory({ limit: PAGE, cursor }, signal)
      const fresh = items.filter(({ version }) => version > seen)
      news.push(...fresh)
      if (next_cursor === null || fresh.length < items.length) break
      cursor = next_cursor
    }
    for (const change of news.toReversed()) {
      const key = placeKey(change.stream, change.entity_id)
      if (change.version > (this.#latest.get(key)?.version ?? 0)) this.#latest.set(key, change)
      if (change.source === 'rollback') this.#rolledBack.set(key, change.version)
    }
  }
}
