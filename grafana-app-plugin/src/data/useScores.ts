import { routes } from '@adf/contract'
import { useQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

/** The largest severity of each minute of an entity, since `from` (RFC 3339). */
export function useScores(query: {
  readonly stream: string
  readonly entity: string
  readonly from: string
}) {
  const send = useSend()
  return useQuery({
    queryKey: ['scores', query],
    queryFn: ({ signal }) => ask(send, routes.getScores, { query, signal }),
    refetchInterval: REFRESH.slow,
    placeholderData: (before) => before,
  })
}
