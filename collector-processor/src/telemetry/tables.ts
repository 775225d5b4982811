import { randomInt } from 'node:crypto'
import { Counter, Gauge, type Registry } from 'prom-client'
import { type AttributeSetTable, createAttributeSetTable } from './attributes.ts'
import { createResourceTable, type ResourceTable } from './resource-table.ts'
import { createStringTable, type StringTable } from './strings.ts'

/** An hour, as long as the graph remembers a node that went quiet (the default of `graph.forget_after`). */
const FORGET_SERVICES_MS = 3_600_000

/** What decoded telemetry is interned into; one of each per process. */
export interface TelemetryTables {
  readonly strings: StringTable
  readonly resources: ResourceTable
  readonly attributeSets: AttributeSetTable
  /** Whether anything is made of a metric, by the id of its name: attributes of others take no room. */
  readsMetric(name: number): boolean
}

export interface TableLimits {
  readonly max_strings: number
  readonly max_resources: number
  readonly max_services: number
}

/** @param metrics names of the metrics that are read, which have their places from the start; left out: all are */
export function createTables(
  limits: TableLimits,
  registry: Registry,
  metrics?: Iterable<string>,
): TelemetryTables {
  const seed = randomInt(2 ** 32)
  const strings = createStringTable(limits.max_strings, seed)
  const attributeSets = createAttributeSetTable(limits.max_strings, seed)
  const resources = createResourceTable({
    maxResources: limits.max_resources,
    maxServices: limits.max_services,
    forgetServicesAfter: FORGET_SERVICES_MS,
    clock: Date.now,
    registry,
    seed,
  })
  const read =
    metrics === undefined ? undefined : new Set(Array.from(metrics, (name) => strings.intern(name)))
  const tables = { strings, resources, attributeSets, readsMetric: (name: number) => read?.has(name) ?? true }
  registerTableMetrics(tables, registry)
  return tables
}

function registerTableMetrics(tables: TelemetryTables, registry: Registry): void {
  new Gauge({
    name: 'adf_interned_entries',
    help: 'Entries of the tables that decoded telemetry is interned into.',
    labelNames: ['table'],
    registers: [registry],
    collect() {
      this.set({ table: 'strings' }, tables.strings.size)
      this.set({ table: 'resources' }, tables.resources.size)
      this.set({ table: 'attribute_sets' }, tables.attributeSets.sets.length)
    },
  })
  new Counter({
    name: 'adf_interned_overflowed_total',
    help: 'Look-ups that got the (other) entry because their table was full.',
    labelNames: ['table'],
    registers: [registry],
    collect() {
      this.reset()
      this.inc({ table: 'strings' }, tables.strings.overflowed)
      this.inc({ table: 'attribute_sets' }, tables.attributeSets.overflowed)
    },
  })
}
