import { type FreezeRequest, feedbackRoutes, type WhatIfRequest } from '@adf/contract/feedback'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useWebhook } from './provider.tsx'
import { REFRESH } from './refresh.ts'

/** Which entity's; without one of all. */
interface Of {
  readonly stream?: string
  readonly entity?: string
}

const STEPS = 20

/** What the tuner does and knows; `enabled` is false where no webhook is set. */
export function useTuner(enabled: boolean) {
  const send = useWebhook()
  return useQuery({
    queryKey: ['tuner'],
    queryFn: ({ signal }) => ask(send, feedbackRoutes.getTuner, { signal }),
    refetchInterval: REFRESH.slow,
    enabled,
  })
}

/** Entities with thresholds, verdicts, precision and recall, page by page. */
export function useTunedEntities(of: Of, enabled: boolean) {
  const send = useWebhook()
  return useInfiniteQuery({
    queryKey: ['tuned-entities', of],
    queryFn: ({ signal, pageParam }) =>
      ask(send, feedbackRoutes.listTunedEntities, {
        query: { ...of, limit: 100, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.slow,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
    enabled,
  })
}

/** What the tuner did and why, newest first, page by page. */
export function useTunerSteps(of: Of, enabled: boolean) {
  const send = useWebhook()
  return useInfiniteQuery({
    queryKey: ['tuner-steps', of],
    queryFn: ({ signal, pageParam }) =>
      ask(send, feedbackRoutes.listTunerSteps, { query: { ...of, limit: STEPS, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.slow,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
    enabled,
  })
}

/** What another threshold would have made of the past. The answer before stays while the next is awaited. */
export function useWhatIf(request: WhatIfRequest, enabled: boolean) {
  const send = useWebhook()
  return useQuery({
    queryKey: ['what-if', request],
    queryFn: ({ signal }) => ask(send, feedbackRoutes.whatIf, { body: request, signal }),
    placeholderData: (before) => before,
    enabled,
  })
}

/** Stops the tuner, or lets it go on: of one entity, of a stream, or of everything. */
export function useFreeze() {
  const send = useWebhook()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (request: FreezeRequest) => ask(send, feedbackRoutes.freezeTuner, { body: request }),
    onSuccess: () =>
      Promise.all(['tuner', 'tuned-entities'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
