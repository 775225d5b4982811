import type { SloStatus } from '@adf/contract'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'

/** What an objective is called by: its own name, else service and indicator. */
export function objectiveTitle(of: SloStatus): string {
  if (of.display_name !== null) return of.display_name
  const service = shortName(of.service)
  return of.threshold_ms === null
    ? say('objective.availability', '{{service}}: requests succeed', { service })
    : say('objective.latency', '{{service}}: requests take {{limit}} ms at most', {
        service,
        limit: of.threshold_ms,
      })
}

/** `99.9 %`, with as many digits as the objective has. */
export const objectiveTarget = ({ objective }: SloStatus): string => `${+(100 * objective).toFixed(4)} %`
