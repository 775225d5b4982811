import { routes } from '@adf/contract'
import { useQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

/** All about one incident. Asked again while it is open; afterwards nothing of it changes but verdicts, which are given here. */
export function useIncident(id: string) {
  const send = useSend()
  return useQuery({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => ask(send, routes.exportIncident, { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data?.incident.state === 'open' ? REFRESH.live : false),
  })
}
