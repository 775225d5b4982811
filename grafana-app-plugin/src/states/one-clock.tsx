import { Alert } from '@grafana/ui'
import { createContext, type ReactNode, useContext } from 'react'
import { useClock } from '../data/useStatus.ts'
import { duration } from '../text/duration.ts'
import { say } from '../text/say.ts'
import { skewOf } from './skew.ts'

const SkewContext = createContext(0)

/** What must be added to the clock of this computer to have ADF's, in ms. */
export const useSkew = (): number => useContext(SkewContext)

/** Counts ages on the pages within by ADF's clock, and says so where it differs from this computer's: everything that is shown was timed by ADF. */
export function OneClock({ children }: { children: ReactNode }) {
  const { data, dataUpdatedAt } = useClock()
  const skew = data === undefined ? 0 : skewOf(data.at, dataUpdatedAt)
  return (
    <SkewContext value={skew}>
      {skew === 0 ? null : (
        <Alert
          severity="info"
          title={
            skew > 0
              ? say('clock.behind', 'The clock of this computer is {{duration}} behind ADF’s', {
                  duration: duration(skew),
                })
              : say('clock.ahead', 'The clock of this computer is {{duration}} ahead of ADF’s', {
                  duration: duration(-skew),
                })
          }
        >
          {say('clock.advice', 'Times and ages on these pages are by ADF’s clock. One of the two is wrong.')}
        </Alert>
      )}
      {children}
    </SkewContext>
  )
}
