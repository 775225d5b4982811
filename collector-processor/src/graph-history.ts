import type { Graph } from '@adf/contract'
import type { Component, Logger } from '@adf/service'
import { packGraph, unpackGraph } from './graph-pack.ts'
import type { UnreadableRow } from './store/sql/rows.ts'
import type { GraphStore } from './store/store.ts'
import type { Clock } from './telemetry/clock.ts'

/** Graphs that cannot be read and are passed over before the search ends. */
const MAX_UNREADABLE = 20

export interface GraphHistoryDeps {
  readonly store: GraphStore
  /** The graph as it is now, in pieces that joined are one graph. */
  readonly slices: (nowMs: number) => Iterable<Partial<Graph>>
  readonly intervalMs: number
  /** All that is kept, bytes. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
  readonly unreadable: (row: UnreadableRow) => void
  /** Told of the graph that was kept last, once, at the start. */
  readonly restore: (last: Graph) => void
}

/**
 * The graph as it was: once an interval it is written to the store, compressed; retention deletes it with the rest. Making and
 * reading one takes turns with other work.
 */
export class GraphHistory implements Component {
  readonly name = 'graph history'
  /** Graphs that were not kept for want of memory. */
  dropped = 0
  readonly #deps: GraphHistoryDeps
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #failing = false
  #shedding = false

  constructor(deps: GraphHistoryDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    const last = await this.at(this.#deps.clock())
    if (last !== undefined) this.#deps.restore(last)
    this.#timer = setInterval(() => {
      if (this.#shedding) {
        this.dropped++
        return
      }
      this.#running ??= this.#keepSafely().finally(() => {
        this.#running = undefined
      })
    }, this.#deps.intervalMs).unref()
  }

  /** Memory is short: no graph is kept, until told otherwise. */
  shed(on: boolean): void {
    this.#shedding = on
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  /** Keeps the graph as it is now. An empty one is not kept: there is nothing to learn from it. */
  async keep(): Promise<void> {
    const { store, slices, clock, maxBytes } = this.#deps
    const atMs = clock()
    const { body, nodes } = await packGraph(slices(atMs))
    if (nodes > 0) await store.save({ atMs, body }, maxBytes)
  }

  /** The latest graph kept at or before this time; undefined when there is none. */
  async at(ms: number): Promise<Graph | undefined> {
    let before = ms
    for (let passed = 0; passed < MAX_UNREADABLE; passed++) {
      const stored = await this.#deps.store.at(before)
      if (stored === undefined) return undefined
      try {
        return await unpackGraph(stored.body)
      } catch (error) {
        this.#deps.unreadable({ table: 'graphs', id: String(stored.atMs), error })
        before = stored.atMs - 1
      }
    }
    return undefined
  }

  async #keepSafely(): Promise<void> {
    try {
      await this.keep()
      this.#failing = false
    } catch (error) {
      // the store tells by itself when it cannot be written, and this comes again every minute
      if (!this.#failing) this.#deps.log.error({ err: error }, 'the graph could not be kept; trying again')
      this.#failing = true
    }
  }
}
