import type { Component } from '@adf/service'
import type { Registry } from 'prom-client'
import type { Clock } from '../telemetry/clock.ts'
import type { Garbage } from './garbage.ts'
import { memoryMetrics } from './metrics.ts'
import { type MemoryReading, usedShare } from './reading.ts'
import { FRUGAL, SHED, type Shed, SheddingPolicy, URGENT } from './shedding.ts'

const EVERY_MS = 500
/** Collections cost time: so far apart at least, from these shares of the limit on. */
const COLLECT_MS = 10_000
const COLLECT_EVERY_MS: readonly (readonly [share: number, ms: number])[] = [
  [0.95, 1000],
  [URGENT, 2000],
]
/** Share from which, all being given up, the newest entities go with each collection. */
const OVERFULL = 0.94
/** The same of those that are not judged yet, where garbage piles up faster than it can be collected. */
const CROWDED = 0.75
const PART = 1 / 8

/** Something that takes memory and can do without. */
export interface Store {
  /** Gives up what it holds and takes no more, or takes more again. Called on changes only. */
  shed(on: boolean): void
  /** What was given up or not taken for want of memory, since the start. */
  readonly dropped: number
}

export interface EntityStore extends Store {
  /** Forgets this part of its entities, or of those that are not judged yet, those that came last, and refuses them while it sheds. */
  giveUpNewest(part: number, of: 'all' | 'learning'): void
}

export interface MemoryGuardOptions {
  /** Bytes; undefined: only V8's heap has a limit. */
  readonly limit: number | undefined
  readonly stores: Readonly<Record<Exclude<Shed, 'entities'>, readonly Store[]>> & {
    readonly entities: readonly EntityStore[]
  }
  readonly read: () => MemoryReading
  readonly garbage: Garbage
  readonly registry: Registry
  readonly clock: Clock
  /** Told of each change of what is given up. */
  readonly say: (text: string) => void
}

export interface MemoryGuard extends Component {
  /** What is given up now, in words; undefined: nothing. */
  shortage(): string | undefined
  /** Reads, and does what follows from it. The timer calls it. */
  check(): void
}

/**
 * Keeps the process below its limit: as memory runs short it has garbage collected sooner, gives up exemplars, then history, then
 * turns new entities away and forgets the newest of those that it let in. All is taken up again once there is room.
 */
export function createMemoryGuard(options: MemoryGuardOptions): MemoryGuard {
  const { limit, stores, read, garbage, clock, say } = options
  const policy = new SheddingPolicy()
  let timer: NodeJS.Timeout | undefined
  let level = 0
  let frugal = false
  let share = usedShare(read(), limit)
  let collectedMs = Number.NEGATIVE_INFINITY
  const metrics = memoryMetrics(options.registry, {
    limit,
    share: () => share,
    sheds: (what) => SHED.indexOf(what) < level,
    dropped: (what) => stores[what].reduce((sum, store) => sum + store.dropped, 0),
  })
  const words = () => SHED.slice(0, level).join(', ')
  const ofLimit = () => `${Math.round(100 * share)} % of the memory limit`

  /** Of garbage that was collected, `share` being what is left; undefined: it was not. */
  const collect = (nowMs: number): { urgent: boolean } | undefined => {
    const sinceMs = nowMs - collectedMs
    const [, everyMs] = COLLECT_EVERY_MS.find(([from]) => share >= from) ?? [0, COLLECT_MS]
    if (sinceMs < everyMs) return undefined
    collectedMs = nowMs
    garbage.collect()
    metrics.collections.inc()
    share = usedShare(read(), limit)
    return { urgent: sinceMs < COLLECT_MS }
  }

  const turnTo = (next: number) => {
    const before = level
    level = next
    for (const [at, what] of SHED.entries()) {
      if (at < next === at < before) continue
      for (const store of stores[what]) store.shed(at < next)
    }
    say(`${ofLimit()} in use; ${next > before ? '' : 'still '}given up: ${words() || 'nothing'}`)
  }

  const check = () => {
    const nowMs = clock()
    share = usedShare(read(), limit)
    const short = share >= FRUGAL
    if (short !== frugal) {
      frugal = short
      garbage.plenty(!short)
    }
    const collected = short ? collect(nowMs) : undefined
    const next = policy.observe(share, collected, nowMs)
    if (next !== level) {
      turnTo(next)
      return
    }
    if (collected === undefined || level < SHED.length) return
    const of = share >= OVERFULL ? 'all' : collected.urgent && share >= CROWDED ? 'learning' : undefined
    if (of !== undefined) for (const store of stores.entities) store.giveUpNewest(PART, of)
  }

  return {
    name: 'memory',
    check,
    shortage: () => (level === 0 ? undefined : `memory is short (${ofLimit()}); given up: ${words()}`),
    async start() {
      timer = setInterval(check, EVERY_MS).unref()
    },
    async stop() {
      clearInterval(timer)
    },
  }
}
