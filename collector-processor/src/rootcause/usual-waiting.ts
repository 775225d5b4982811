import type { EvidenceWindow } from './evidence.ts'
import { total } from './finding.ts'

/**
 * How long those who ask wait usually over as many requests as the window has, ms: of the service where that is most, since its requests
 * hold those of the others. 0 without any history.
 */
export function usualWaiting({ nodes }: EvidenceWindow): number {
  let most = 0
  for (const { latencyMs, requests } of nodes) {
    let waited = 0
    let count = 0
    for (let slot = 0; slot < requests.history.length; slot++) {
      const served = requests.history[slot]!
      const ms = latencyMs.history[slot]!
      if (!(served > 0) || Number.isNaN(ms)) continue
      waited += served * ms
      count += served
    }
    if (count > 0) most = Math.max(most, (waited / count) * total(requests.window))
  }
  return most
}
