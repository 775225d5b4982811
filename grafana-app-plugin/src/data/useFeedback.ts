import { routes, type VerdictRequest } from '@adf/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'

/** Gives a verdict; what shows the incident or anomaly is read again afterwards. */
export function useFeedback() {
  const send = useSend()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (verdict: VerdictRequest) => ask(send, routes.giveFeedback, { body: verdict }),
    onSuccess: () =>
      Promise.all(
        ['incident', 'incidents', 'anomalies'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      ),
  })
}
