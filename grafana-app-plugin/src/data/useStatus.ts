import { routes } from '@adf/contract'
import { useQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

/** Is the processor working, and what arrives. */
export function useStatus() {
  const send = useSend()
  return useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => ask(send, routes.getStatus, { signal }),
    refetchInterval: REFRESH.live,
  })
}

/** The time that ADF has, looked at now and then; what asks for the status anyway keeps it fresh. */
export function useClock() {
  const send = useSend()
  return useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => ask(send, routes.getStatus, { signal }),
    staleTime: REFRESH.rarely,
    refetchInterval: REFRESH.rarely,
  })
}
