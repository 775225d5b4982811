import { Counter, Gauge, type Registry } from 'prom-client'
import { SHED, type Shed } from './shedding.ts'

export interface MemoryState {
  readonly limit: number | undefined
  readonly share: () => number
  readonly sheds: (what: Shed) => boolean
  readonly dropped: (what: Shed) => number
}

export function memoryMetrics(registry: Registry, state: MemoryState): { readonly collections: Counter } {
  const registers = [registry]
  new Gauge({
    name: 'adf_memory_limit_bytes',
    help: 'Resident memory that the process keeps below, by memory.limit or its container; 0 without a limit.',
    registers,
  }).set(state.limit ?? 0)
  new Gauge({
    name: 'adf_memory_used_ratio',
    help: 'Share of the limit in use: of resident memory, or of what V8 lets its heap grow to, whichever is larger.',
    registers,
    collect() {
      this.set(state.share())
    },
  })
  new Gauge({
    name: 'adf_memory_shedding',
    help: 'Whether this is given up for want of memory (1) or not (0).',
    labelNames: ['what'],
    registers,
    collect() {
      for (const what of SHED) this.set({ what }, state.sheds(what) ? 1 : 0)
    },
  })
  new Counter({
    name: 'adf_memory_dropped_total',
    help: 'What was given up or not taken for want of memory: exemplars (traces and log lines), history (time slots and snapshots of the graph), entities (those forgotten, and requests for new names turned away).',
    labelNames: ['what'],
    registers,
    collect() {
      this.reset()
      for (const what of SHED) this.inc({ what }, state.dropped(what))
    },
  })
  return {
    collections: new Counter({
      name: 'adf_memory_collections_total',
      help: 'Times that all garbage was collected since memory was short.',
      registers,
    }),
  }
}
