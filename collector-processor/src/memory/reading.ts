import { getHeapStatistics } from 'node:v8'

/** What the process holds of the machine, and of what V8 lets its heap grow to; bytes. */
export interface MemoryReading {
  readonly residentBytes: number
  readonly heapBytes: number
  readonly heapLimitBytes: number
}

export function readMemory(): MemoryReading {
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  return {
    residentBytes: process.memoryUsage.rss(),
    heapBytes: used_heap_size,
    heapLimitBytes: heap_size_limit,
  }
}

/** How near the end is, by whichever is nearer: the limit of the process or that of V8's heap, past which V8 ends the process. 1: reached. */
export function usedShare(reading: MemoryReading, limit: number | undefined): number {
  const { residentBytes, heapBytes, heapLimitBytes } = reading
  return Math.max(limit === undefined ? 0 : residentBytes / limit, heapBytes / heapLimitBytes)
}
