import type { Component, Logger } from '@adf/service'
import type { FederationMetrics } from '../metrics.ts'
import { DRIVING } from '../round/driving.ts'
import type { Reading } from '../round/reading.ts'
import type { Round } from '../round/round.ts'
import type { SecurePhase } from '../round/secure/phases.ts'
import { OutOfTurn, type Store, type StoredRun } from '../store/store.ts'
import { Announcements } from './announcements.ts'
import { RoundOrder } from './order.ts'
import type { RunDriver } from './run.ts'

/** A run as clients are told of it. */
export interface RunView {
  readonly version: number
  readonly hash: string
  readonly paused: boolean
  readonly round: Round | undefined
  readonly order: RoundOrder | undefined
  /** Of a round by secure aggregation. */
  readonly phase: SecurePhase | undefined
}

export interface CoordinatorOptions {
  readonly runs: readonly RunDriver[]
  readonly store: Store
  readonly metrics: FederationMetrics
  readonly leaseMs: number
  /** Names this process among those on the same database. */
  readonly holder: string
  readonly clock: () => number
  readonly log: Pick<Logger, 'error' | 'info'>
}

/** Of setTimeout. */
const LONGEST_TIMER = 2 ** 31 - 1
/** After a step that failed, such as on a full disk. */
const RETRY_MS = 2000

interface Driven {
  readonly driver: RunDriver
  view: RunView | undefined
  timer: NodeJS.Timeout | undefined
  /** One step at a time; what comes meanwhile is looked at after it. */
  working: Promise<void> | undefined
  again: boolean
  /** Further updates that are known to change nothing; those that other servers take are seen at the next tick. */
  missing: number
  /** Of the step that failed last: one that lasts is told once. */
  fault: string | undefined
}

/** Drives the rounds of all runs while it holds the lease, and tells who waits of what changes. */
export class Coordinator implements Component {
  readonly name = 'coordinator'
  readonly announcements = new Announcements()
  readonly #options: CoordinatorOptions
  readonly #runs: ReadonlyMap<string, Driven>
  #fence: number | undefined
  #leaseUntilMs = 0
  #ticker: NodeJS.Timeout | undefined
  #ticking: Promise<void> | undefined
  /** Why the lease was not renewed last: what lasts is told once. */
  #fault: string | undefined
  #stopped = false

  constructor(options: CoordinatorOptions) {
    this.#options = options
    this.#runs = new Map(
      options.runs.map((driver) => [
        driver.name,
        {
          driver,
          view: undefined,
          timer: undefined,
          working: undefined,
          again: false,
          missing: 0,
          fault: undefined,
        },
      ]),
    )
  }

  async start(): Promise<void> {
    await this.#tick()
    this.#ticker = setInterval(() => {
      this.#ticking ??= this.#tick().finally(() => {
        this.#ticking = undefined
      })
    }, this.#options.leaseMs / 3)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.announcements.close()
    clearInterval(this.#ticker)
    await this.#ticking
    for (const run of this.#runs.values()) {
      clearTimeout(run.timer)
      await run.working
    }
    if (this.#fence !== undefined)
      await this.#options.store.leases.release(DRIVING, this.#options.holder).catch(() => {})
  }

  view(run: string): RunView | undefined {
    return this.#runs.get(run)?.view
  }

  /** An update was stored, with what was read of it. */
  stored(name: string, updateId: string, reading: Reading): void {
    const run = this.#runs.get(name)
    if (run === undefined) return
    run.driver.remember(updateId, reading)
    run.missing--
    if (run.missing <= 0) void this.#work(run)
  }

  /** Something happened that a run may have waited for. */
  nudge(name: string): void {
    const run = this.#runs.get(name)
    if (run !== undefined) void this.#work(run)
  }

  async #tick(): Promise<void> {
    const { store, holder, clock, leaseMs, log } = this.#options
    try {
      const nowMs = clock()
      const fence = await store.leases.acquire(DRIVING, holder, nowMs, leaseMs)
      if (fence !== this.#fence)
        log.info({ fence }, fence === undefined ? 'another server drives the rounds' : 'driving the rounds')
      this.#fence = fence
      this.#leaseUntilMs = nowMs + leaseMs
      await store.clients.forgetNonces(nowMs)
      this.#fault = undefined
    } catch (error) {
      this.#fence = undefined
      const fault = String(error)
      if (fault !== this.#fault) log.error({ err: error }, 'the lease of the rounds cannot be renewed')
      this.#fault = fault
    }
    await Promise.all([...this.#runs.values()].map((run) => this.#work(run)))
  }

  #work(run: Driven): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    run.again = true
    run.working ??= this.#drive(run).finally(() => {
      run.working = undefined
    })
    return run.working
  }

  async #drive(run: Driven): Promise<void> {
    const { log, metrics, clock } = this.#options
    const { name } = run.driver
    while (run.again && !this.#stopped) {
      run.again = false
      clearTimeout(run.timer)
      let untilMs: number | undefined
      try {
        const fence = this.#fence
        if (fence !== undefined && clock() < this.#leaseUntilMs) {
          const before = run.missing
          const wait = await run.driver.drive(fence)
          untilMs = wait.untilMs
          // Updates that were stored meanwhile may not have been seen.
          run.missing = wait.updates - Math.max(0, before - run.missing)
          run.fault = undefined
          if (run.missing <= 0) run.again = true
        }
      } catch (error) {
        if (error instanceof OutOfTurn)
          log.info({ run: name, reason: error.message }, 'not this server’s turn')
        else {
          metrics.faults.inc({ run: name })
          const fault = String(error)
          if (fault !== run.fault)
            log.error({ err: error, run: name }, 'a step of a round failed; it is tried again')
          run.fault = fault
        }
        untilMs = clock() + RETRY_MS
      }
      await this.#look(run).catch((error: unknown) =>
        log.error({ err: error, run: name }, 'a run cannot be read'),
      )
      if (untilMs !== undefined && !this.#stopped) {
        const delay = Math.min(LONGEST_TIMER, Math.max(1, untilMs - clock()))
        run.timer = setTimeout(() => void this.#work(run), delay)
      }
    }
  }

  /** Reads a run as it is now, and tells those who wait if it has changed. */
  async #look(run: Driven): Promise<void> {
    const { store } = this.#options
    const { name } = run.driver
    const stored = await store.runs.get(name)
    if (stored === undefined) return
    const latest = await store.rounds.latest(name)
    const before = run.view
    const secure = latest && (await store.secure.get(name, latest.round.number))
    run.view = viewOf(stored, latest, secure?.phase)
    if (before === undefined || changed(before, run.view)) this.announcements.announce(name)
  }
}

function viewOf(
  { version, hash, state }: StoredRun,
  latest: { round: Round; work: string | undefined } | undefined,
  phase: SecurePhase | undefined,
): RunView {
  return {
    version,
    hash,
    paused: state === 'paused',
    round: latest?.round,
    order: latest?.work === undefined ? undefined : RoundOrder.parse(JSON.parse(latest.work)),
    phase,
  }
}

const changed = (a: RunView, b: RunView): boolean =>
  a.version !== b.version ||
  a.phase !== b.phase ||
  a.round?.number !== b.round?.number ||
  a.round?.state !== b.round?.state
