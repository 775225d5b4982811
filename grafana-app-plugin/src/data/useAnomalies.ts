import { routes } from '@adf/contract'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

export interface AnomalyFilter {
  readonly stream?: string
  readonly entity?: string
  readonly min_score?: string
  readonly from?: string
  readonly to?: string
  readonly limit?: number
}

/** Anomalies, newest first, page by page. */
export function useAnomalies(filter: AnomalyFilter) {
  const send = useSend()
  return useInfiniteQuery({
    queryKey: ['anomalies', filter],
    queryFn: ({ signal, pageParam }) =>
      ask(send, routes.listAnomalies, { query: { ...filter, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.live,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })
}
