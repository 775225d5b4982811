import type { ThresholdStore } from '../ports.ts'

/** Thresholds of a store, as whoever else has it open sets them. */
export class MemoryThresholds implements ThresholdStore {
  readonly steps: { version: number; stream: string; entity_id: string; to: number | null }[] = []

  set(stream: string, entity_id: string, to: number | null): void {
    this.steps.push({ version: this.steps.length + 1, stream, entity_id, to })
  }

  async all() {
    const latest = new Map(this.steps.map((step) => [`${step.stream} ${step.entity_id}`, step]))
    return [...latest.values()].flatMap(({ to, ...same }) => (to === null ? [] : [{ ...same, value: to }]))
  }

  async version() {
    return this.steps.length
  }

  async since(version: number, limit: number) {
    return this.steps.slice(version, version + limit)
  }
}
