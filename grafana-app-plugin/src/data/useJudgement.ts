import { routes } from '@adf/contract'
import { useQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

/** The latest values of an entity beside what is normal, and what each detector says of them. */
export function useJudgement(query: { readonly stream: string; readonly entity: string }) {
  const send = useSend()
  return useQuery({
    queryKey: ['judgement', query],
    queryFn: ({ signal }) => ask(send, routes.getJudgement, { query, signal }),
    refetchInterval: REFRESH.live,
  })
}
