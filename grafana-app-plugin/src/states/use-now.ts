import { useEffect, useState } from 'react'

const SECOND = 1000

/** The time, each second anew, for "6 min ago". Stands still while the tab is hidden. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now())
    }, SECOND)
    return () => clearInterval(timer)
  }, [])
  return now
}
