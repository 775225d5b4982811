import { routes, type ThresholdRequest, type ThresholdRollback } from '@adf/contract'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

interface Of {
  readonly stream?: string
  readonly entity?: string
}

const CHANGES = 20
/** What another threshold shows in another light. */
const AFFECTED = ['thresholds', 'threshold-history', 'entities', 'tuned-entities', 'what-if']

/** Thresholds that somebody set, in one page: of one entity it is one at most. */
export function useThresholds(of: Of) {
  const send = useSend()
  return useQuery({
    queryKey: ['thresholds', of],
    queryFn: ({ signal }) => ask(send, routes.listThresholds, { query: { ...of, limit: 500 }, signal }),
    refetchInterval: REFRESH.slow,
  })
}

/** Changes of thresholds, newest first, page by page. */
export function useThresholdHistory(of: Of) {
  const send = useSend()
  return useInfiniteQuery({
    queryKey: ['threshold-history', of],
    queryFn: ({ signal, pageParam }) =>
      ask(send, routes.listThresholdHistory, { query: { ...of, limit: CHANGES, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.slow,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })
}

/** Sets the threshold of an entity, or gives it back to the initial one. */
export function useSetThreshold() {
  const send = useSend()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (request: Omit<ThresholdRequest, 'source'>) =>
      ask(send, routes.setThreshold, { body: { ...request, source: 'operator' } }),
    // Also when it was refused: somebody else was faster, and what they set is to be seen.
    onSettled: () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}

/** Takes changes back. */
export function useRollback() {
  const send = useSend()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (request: ThresholdRollback) => ask(send, routes.rollbackThresholds, { body: request }),
    onSettled: () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
