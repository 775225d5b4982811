import { routes } from '@adf/contract'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

/** The causal graph now, or as it was at `at` (RFC 3339). The graph before stays while another time's is fetched. */
export function useGraph(at?: string) {
  const send = useSend()
  return useQuery({
    queryKey: ['graph', at ?? 'now'],
    queryFn: ({ signal }) => ask(send, routes.getGraph, { query: { at }, signal }),
    refetchInterval: at === undefined ? REFRESH.live : false,
    placeholderData: keepPreviousData,
  })
}
