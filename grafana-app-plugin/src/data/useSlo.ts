import { routes } from '@adf/contract'
import { useQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

/** Objectives and burn rates of every service. */
export function useSlo() {
  const send = useSend()
  return useQuery({
    queryKey: ['slo'],
    queryFn: ({ signal }) => ask(send, routes.getSlo, { signal }),
    refetchInterval: REFRESH.slow,
  })
}
