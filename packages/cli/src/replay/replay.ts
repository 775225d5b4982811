import type { Config } from '@adf/processor'
import { Merge } from './merge.ts'
import type { Player } from './player.ts'
import type { Recording } from './record.ts'

export interface ReplayOptions {
  readonly config: Pick<Config, 'edge' | 'graph'>
  /** A signal without a record for longer was not recorded: it says nothing about the services. */
  readonly gapMs: number
  readonly passed: (bytes: number) => void
  /** Waits, before a step ends, until it may; `playedMs` of event time have been played by then, without what was passed over. */
  readonly pace: (playedMs: number) => Promise<void>
}

const WINDOWED = ['spans', 'logs'] as const

/**
 * Plays recordings in event time, step by step: what falls into a step is fed, then the pipeline goes on. Windows that reach
 * into a hole of the recording are not scored, and holes are passed over once incidents have resolved.
 */
export class Replay {
  readonly #player: Player
  readonly #merge: Merge
  readonly #options: ReplayOptions
  readonly #stepMs: number
  readonly #interrupted = new Set<string>()
  #stepEnd = Number.NaN
  /** Nothing that was fed can still change anything from here. */
  #settledMs = Number.NEGATIVE_INFINITY
  /** Time of the first record; NaN before it. */
  fromMs = Number.NaN
  skippedMs = 0

  constructor(player: Player, recordings: readonly Recording[], options: ReplayOptions) {
    this.#player = player
    this.#options = options
    this.#merge = new Merge(recordings, options.passed)
    this.#stepMs = options.config.edge.step
  }

  async run(): Promise<void> {
    const settleMs = Math.max(this.#options.config.graph.pairing_window, 2 * this.#stepMs)
    while (await this.#merge.fill()) {
      for (let record = this.#merge.take(); record !== undefined; record = this.#merge.take()) {
        const signal = record.kind === 'request' ? SIGNAL[record.signal] : SIGNAL[record.kind]
        if (Number.isNaN(this.fromMs)) this.#begin(record.timeMs)
        else if (record.timeMs >= this.#stepEnd) await this.#goTo(record.timeMs, signal)
        this.#interrupted.delete(signal)
        this.#player.add(record)
        const settled = record.timeMs + (signal === 'spans' ? settleMs : 2 * this.#stepMs)
        if (settled > this.#settledMs) this.#settledMs = settled
      }
    }
    if (Number.isNaN(this.fromMs)) return
    await this.#step()
    this.#interrupt(Number.POSITIVE_INFINITY, undefined)
    // Collections of metrics are complete once a step has passed without more of them.
    await this.#step()
    await this.#step()
  }

  #begin(timeMs: number): void {
    this.fromMs = timeMs
    this.#stepEnd = stepAfter(timeMs, this.#stepMs)
    this.#player.skipTo(this.#stepEnd - this.#stepMs)
  }

  /** Ends all steps before `timeMs`, the time of the next record, which is of `signal`. */
  async #goTo(timeMs: number, signal: string): Promise<void> {
    await this.#step()
    while (this.#stepEnd <= timeMs) {
      this.#interrupt(timeMs, signal)
      if (this.#quiet()) {
        const end = stepAfter(timeMs, this.#stepMs)
        this.skippedMs += end - this.#stepEnd
        this.#stepEnd = end
        this.#player.skipTo(end - this.#stepMs)
      } else await this.#step()
    }
  }

  async #step(): Promise<void> {
    await this.#options.pace(this.#stepEnd - this.fromMs - this.skippedMs)
    this.#player.advance(this.#stepEnd)
    this.#stepEnd += this.#stepMs
  }

  /** Tells the windows of signals that were not recorded in between. */
  #interrupt(timeMs: number, signal: string | undefined): void {
    for (const each of WINDOWED) {
      const last = this.#player.lastOf(each)
      if (last === undefined || this.#interrupted.has(each)) continue
      const next = Math.min(each === signal ? timeMs : Number.POSITIVE_INFINITY, this.#merge.noneBefore(each))
      if (next - last <= this.#options.gapMs) continue
      this.#player.pipeline.features.interrupt(each)
      this.#interrupted.add(each)
    }
  }

  #quiet(): boolean {
    if (this.#player.nowMs < this.#settledMs || this.#player.pipeline.incidents.openCount > 0) return false
    return WINDOWED.every((each) => {
      const last = this.#player.lastOf(each)
      return (
        last === undefined ||
        this.#interrupted.has(each) ||
        this.#player.nowMs - last > this.#options.config.edge.stale_after
      )
    })
  }
}

const SIGNAL = {
  traces: 'spans',
  metrics: 'metrics',
  logs: 'logs',
  span: 'spans',
  point: 'metrics',
  log: 'logs',
  row: 'rows',
} as const

const stepAfter = (timeMs: number, stepMs: number) => (Math.floor(timeMs / stepMs) + 1) * stepMs
