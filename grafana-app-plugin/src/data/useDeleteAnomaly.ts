import { routes } from '@adf/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'

const AFFECTED = ['anomalies', 'incident', 'incidents']

/** Deletes an anomaly with the verdicts on it. What showed it is read again, also when it was refused: it may be gone already. */
export function useDeleteAnomaly() {
  const send = useSend()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => ask(send, routes.deleteAnomaly, { params: { id } }),
    onSettled: () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
