import { useEffect, useState } from 'react'
import { useSkew } from './one-clock.tsx'

const SECOND = 1000

/** The time by ADF's clock, each second anew, for "6 min ago". Stands still while the tab is hidden. */
export function useNow(): number {
  const skew = useSkew()
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now())
    }, SECOND)
    return () => clearInterval(timer)
  }, [])
  return now + skew
}
