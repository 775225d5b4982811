import { federationRoutes, type UpdateState } from '@adf/contract/federation'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useFederationServer } from './provider.tsx'
import { REFRESH } from './refresh.ts'

const ROUNDS = 100
const CLIENTS = 100
const UPDATES = 50
const ENTRIES = 20
/** What a review shows in another light. */
const AFFECTED = [
  'federation-status',
  'federation-updates',
  'federation-clients',
  'federation-audit',
  'audit-proof',
]

/** What the federation server does: its runs, how many clients there are, what waits for a review. */
export function useFederationStatus(enabled = true) {
  const send = useFederationServer()
  return useQuery({
    queryKey: ['federation-status'],
    queryFn: ({ signal }) => ask(send, federationRoutes.getFederationStatus, { signal }),
    refetchInterval: REFRESH.live,
    enabled,
  })
}

/** Rounds of a run, newest first, page by page. */
export function useRounds(run: string) {
  const send = useFederationServer()
  return useInfiniteQuery({
    queryKey: ['federation-rounds', run],
    queryFn: ({ signal, pageParam }) =>
      ask(send, federationRoutes.listRounds, {
        params: { run },
        query: { limit: ROUNDS, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.live,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })
}

/** Clients by name, page by page. */
export function useFederationClients() {
  const send = useFederationServer()
  return useInfiniteQuery({
    queryKey: ['federation-clients'],
    queryFn: ({ signal, pageParam }) =>
      ask(send, federationRoutes.listClients, { query: { limit: CLIENTS, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.slow,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })
}

/** Updates in one state, newest first, page by page. */
export function useUpdates(state: UpdateState) {
  const send = useFederationServer()
  return useInfiniteQuery({
    queryKey: ['federation-updates', state],
    queryFn: ({ signal, pageParam }) =>
      ask(send, federationRoutes.listUpdates, {
        query: { state, limit: UPDATES, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.live,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })
}

export interface Review {
  readonly id: string
  readonly decision: 'release' | 'reject'
  readonly note: string
  readonly reviewer: string
}

/** Decides on an update that is held back. What shows it is read again, also when it was refused: somebody else may have been faster. */
export function useReview() {
  const send = useFederationServer()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, decision, note, reviewer }: Review) =>
      ask(send, decision === 'release' ? federationRoutes.releaseUpdate : federationRoutes.rejectUpdate, {
        params: { id },
        body: { note, reviewer },
      }),
    onSettled: () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}

/** Lines of the audit log, newest first, page by page. */
export function useAudit() {
  const send = useFederationServer()
  return useInfiniteQuery({
    queryKey: ['federation-audit'],
    queryFn: ({ signal, pageParam }) =>
      ask(send, federationRoutes.listAudit, { query: { limit: ENTRIES, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    refetchInterval: REFRESH.slow,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
  })
}

/** Whether the chain of the audit log is whole. The server reads all of it, so that it is not asked again by itself. */
export function useAuditProof() {
  const send = useFederationServer()
  return useQuery({
    queryKey: ['audit-proof'],
    queryFn: ({ signal }) => ask(send, federationRoutes.verifyAudit, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
