import { type IncidentState, routes } from '@adf/contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

export interface IncidentFilter {
  readonly state?: IncidentState
  readonly service?: string
  readonly limit?: number
}

/** Incidents, newest first, page by page. */
export function useIncidents(filter: IncidentFilter) {
  const send = useSend()
  return useInfiniteQuery({
    queryKey: ['incidents', filter],
    queryFn: ({ signal, pageParam }) =>
      ask(send, routes.listIncidents, { query: { ...filter, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.live,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })
}
