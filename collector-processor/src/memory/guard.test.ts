import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createMemoryGuard, type EntityStore } from './guard.ts'

const LIMIT = 1000

/** A process that holds `kept` bytes, and `garbage` until it is collected. */
function simulate() {
  const memory = { kept: 400, garbage: 0, nowMs: 0 }
  const done: string[] = []
  const store = (name: string): EntityStore => ({
    dropped: name.length,
    shed: (on) => void done.push(`${on ? 'give up' : 'take up'} ${name}`),
    giveUpNewest: (part, of) => void done.push(`forget ${part} of ${of} ${name}`),
  })
  const registry = new Registry()
  const log: string[] = []
  const guard = createMemoryGuard({
    limit: LIMIT,
    stores: {
      exemplars: [store('traces'), store('lines')],
      history: [store('slots')],
      entities: [store('services')],
    },
    read: () => ({ residentBytes: memory.kept + memory.garbage, heapBytes: 1, heapLimitBytes: 1000 }),
    garbage: {
      plenty: (yes) => void done.push(yes ? 'plenty' : 'frugal'),
      collect: () => {
        done.push('collect')
        memory.garbage = 0
      },
    },
    registry,
    clock: () => memory.nowMs,
    say: (text) => log.push(text),
  })
  const after = (ms: number, change: Partial<typeof memory> = {}) => {
    Object.assign(memory, change)
    memory.nowMs += ms
    done.length = 0
    guard.check()
    return [...done]
  }
  return { guard, after, registry, log }
}

describe('the guard', () => {
  it('collects garbage before it gives up anything', () => {
    const { guard, after } = simulate()
    expect(after(500)).toEqual([])
    expect(after(500, { garbage: 500 })).toEqual(['frugal', 'collect'])
    expect(after(500)).toEqual(['plenty'])
    expect(guard.shortage()).toBeUndefined()
  })

  it('collects no more often than every ten seconds, every two when it is urgent, each at the very end', () => {
    const { after } = simulate()
    expect(after(500, { kept: 700 })).toContain('collect')
    expect(after(9500)).toEqual([])
    expect(after(500)).toEqual(['collect'])
    expect(after(1500, { kept: 840, garbage: 100 })).toEqual([])
    expect(after(500)).toEqual(['collect', 'give up traces', 'give up lines', 'give up slots'])
    expect(after(500, { garbage: 120 })).toEqual([])
    expect(after(500)).toEqual(['collect', 'give up services'])
  })

  it('gives up in order, forgets the newest when that is not enough, and takes all up again', () => {
    const { guard, after, log } = simulate()
    expect(after(500, { kept: 760 })).toEqual(['frugal', 'collect', 'give up traces', 'give up lines'])
    expect(after(10_000, { kept: 830 })).toEqual(['collect', 'give up slots'])
    expect(after(10_000, { kept: 910 })).toEqual(['collect', 'give up services'])
    expect(guard.shortage()).toBe(
      'memory is short (91 % of the memory limit); given up: exemplars, history, entities',
    )
    expect(after(10_000, { kept: 930 })).toEqual(['collect'])
    expect(after(10_000, { kept: 950 })).toEqual(['collect', 'forget 0.125 of all services'])
    expect(after(500)).toEqual([])
    expect(after(500, { kept: 300 })).toEqual(['plenty'])
    expect(after(30_000)).toEqual(['take up services'])
    expect(after(500)).toEqual([])
    expect(after(30_000)).toEqual(['take up slots'])
    expect(after(500)).toEqual([])
    expect(after(30_000)).toEqual(['take up traces', 'take up lines'])
    expect(guard.shortage()).toBeUndefined()
    expect(log.at(-1)).toBe('30 % of the memory limit in use; still given up: nothing')
  })

  it('goes a step further where garbage piles up faster than it is collected', () => {
    const { after } = simulate()
    const full = (kept: number) => after(2000, { kept, garbage: 900 - kept })
    expect(full(600)).toEqual(['frugal', 'collect'])
    expect(full(600)).toEqual(['collect', 'give up traces', 'give up lines'])
    expect(full(600)).toEqual(['collect', 'give up slots'])
    expect(full(600)).toEqual(['collect', 'give up services'])
    // What is in use is not much: forgetting some of it would not help.
    expect(full(600)).toEqual(['collect'])
    expect(full(760)).toEqual(['collect', 'forget 0.125 of learning services'])
  })

  it('tells what it does', async () => {
    const { after, registry } = simulate()
    after(500, { kept: 830 })
    const text = await registry.metrics()
    for (const line of [
      'adf_memory_limit_bytes 1000',
      'adf_memory_used_ratio 0.83',
      'adf_memory_shedding{what="exemplars"} 1',
      'adf_memory_shedding{what="history"} 1',
      'adf_memory_shedding{what="entities"} 0',
      'adf_memory_dropped_total{what="exemplars"} 11',
      'adf_memory_collections_total 1',
    ])
      expect(text).toContain(`${line}\n`)
  })
})
