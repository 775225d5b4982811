import { routes, type VerdictRequest } from '@adf/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'

const AFFECTED = ['incident', 'incidents', 'anomalies', 'tuner', 'tuned-entities']

/** Gives a verdict; what shows the incident or anomaly is read again afterwards. */
export function useFeedback() {
  const send = useSend()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (verdict: VerdictRequest) => ask(send, routes.giveFeedback, { body: verdict }),
    onSuccess: () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}

/** Takes a verdict back, by its id. It is done when what showed it was read again. */
export function useWithdraw() {
  const send = useSend()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => ask(send, routes.withdrawFeedback, { params: { id } }),
    onSuccess: () => Promise.all(AFFECTED.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
