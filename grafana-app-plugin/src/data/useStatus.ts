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
