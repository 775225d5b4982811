import { routes } from '@adf/contract'
import { useMutation } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'

/** Fetches an incident's post-mortem in Markdown when asked to. */
export function useReport() {
  const send = useSend()
  return useMutation({ mutationFn: (id: string) => ask(send, routes.reportIncident, { params: { id } }) })
}
