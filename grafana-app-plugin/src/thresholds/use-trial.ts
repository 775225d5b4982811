import type { WhatIfRequest } from '@adf/contract/feedback'
import { useEffect, useState } from 'react'
import { useWhatIf } from '../data/useTuner.ts'

/** Long enough that a drag asks once, short enough that the answer follows the hand. */
const SETTLED_MS = 300

/** What a threshold would have made of the past, as soon as it has stood still for a moment. */
export function useTrial(request: WhatIfRequest, enabled: boolean) {
  const [settled, setSettled] = useState(request)
  const { stream, entity_id, threshold, from } = request
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ stream, entity_id, threshold, from }), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [stream, entity_id, threshold, from])
  return useWhatIf(settled, enabled)
}
