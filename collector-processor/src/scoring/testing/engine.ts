import { Registry } from 'prom-client'
import { ScoringEngine, type ScoringPorts } from '../engine.ts'
import type { ScoringOptions } from '../options.ts'
import type { DetectorStateRow, DetectorStateStore } from '../ports.ts'
import { MemoryThresholds } from './thresholds.ts'

export class MemoryStates implements DetectorStateStore {
  readonly rows = new Map<string, Uint8Array>()
  async load(stream: string, entityId: string) {
    return this.rows.get(`${stream} ${entityId}`)
  }
  async saveMany(rows: readonly DetectorStateRow[]) {
    for (const { stream, entityId, state } of rows) this.rows.set(`${stream} ${entityId}`, state)
    return []
  }
}

/** An engine as configured by default but for the ensemble, with a demo's steps and inline training. */
export function makeEngine(options: Partial<ScoringOptions> = {}, ports: Partial<ScoringPorts> = {}) {
  const warnings: string[] = []
  const registry = ports.registry ?? new Registry()
  const engine = new ScoringEngine(
    {
      detectors: ['robust', 'rules'],
      compare: [],
      lstm: { hidden: 8, layers: 1 },
      rerank: 'random-forest',
      alertsPerDay: 0.15,
      initialThreshold: 0.8,
      settle: 0,
      warmUp: 200,
      refitEvery: 500,
      halfLife: 5000,
      maxEntities: 100,
      staleAfterMs: 300_000,
      windowMs: 10_000,
      stateIntervalMs: 3_600_000,
      training: 'inline',
      holdOut: false,
      ...options,
    },
    {
      thresholds: new MemoryThresholds(),
      warn: (message) => warnings.push(message),
      ...ports,
      registry,
    },
  )
  return { engine, registry, warnings }
}
