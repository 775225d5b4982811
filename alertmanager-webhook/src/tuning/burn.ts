import type { SloReport } from '@adf/contract'
import type { Processor } from '../processor/processor.ts'

/**
 * How many times too fast the error budget of each service burns: by both windows of the fast pair, since one alone may be a blip or over; of
 * several objectives of a service the one that burns fastest.
 */
function burnsOf({ objectives }: SloReport): Map<string, number> {
  const burns = new Map<string, number>()
  for (const { service, windows } of objectives) {
    const rates = windows
      .filter(({ window }) => window === '5m' || window === '1h')
      .map(({ burn_rate }) => burn_rate ?? 0)
    burns.set(service, Math.max(burns.get(service) ?? 0, rates.length === 0 ? 0 : Math.min(...rates)))
  }
  return burns
}

/** Of one processor; none where it has no objectives, or does not answer: thresholds are then tuned as if nothing burned. */
export async function readBurns(processor: Processor, signal?: AbortSignal): Promise<Map<string, number>> {
  try {
    return burnsOf(await processor.slo(signal))
  } catch {
    signal?.throwIfAborted()
    return new Map()
  }
}
