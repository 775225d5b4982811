import { locationService } from '@grafana/runtime'
import { useCallback, useMemo } from 'react'
import { useLocation } from 'react-router'

/** State of a page that lives in its address, so that a link shows the same. An empty value leaves the parameter out. */
export function useQueryState(
  name: string,
): [string | undefined, (value: string | undefined, how?: 'replace') => void] {
  const { search } = useLocation()
  const value = useMemo(() => new URLSearchParams(search).get(name) ?? undefined, [search, name])
  const set = useCallback(
    (next: string | undefined, how?: 'replace') => {
      const wanted = next === '' ? undefined : next
      // Each change is a step that the browser's "back" takes back, but those of something that runs by itself.
      if (wanted !== value) locationService.partial({ [name]: wanted ?? null }, how === 'replace')
    },
    [name, value],
  )
  return [value, set]
}
