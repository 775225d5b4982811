import type { ThresholdStore } from './store.ts'

interface ThresholdValue {
  readonly entityId: string
  readonly stream: string
  readonly threshold: number
}

/** Thresholds as scoring wants them: values alone. Those that it sets itself are the tuner's. */
export function thresholdValues(store: ThresholdStore, clock: () => number) {
  return {
    list: async (): Promise<ThresholdValue[]> =>
      (await store.all()).map(({ entity_id, stream, value }) => ({
        entityId: entity_id,
        stream,
        threshold: value,
      })),
    get: async (entityId: string, stream: string): Promise<number | undefined> =>
      (await store.page({ stream, entity: entityId, limit: 1 })).items[0]?.value,
    set: ({ entityId, stream, threshold }: ThresholdValue): Promise<void> =>
      store.set({
        stream,
        entity_id: entityId,
        value: threshold,
        source: 'tuner',
        updated_at: new Date(clock()).toISOString(),
        updated_by: null,
      }),
  }
}
