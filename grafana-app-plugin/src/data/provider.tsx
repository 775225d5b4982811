import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { AskError } from './ask-error.ts'
import type { Send } from './send.ts'

const SendContext = createContext<Send | undefined>(undefined)

/** How the hooks of this folder reach the processor. */
export function useSend(): Send {
  const send = useContext(SendContext)
  if (send === undefined) throw new Error('there is no DataProvider around this')
  return send
}

/** How they reach the Alertmanager webhook: routes of plugin.json below `webhook/`. */
export function useWebhook(): Send {
  const send = useSend()
  return useMemo(() => (request) => send({ ...request, path: `webhook/${request.path}` }), [send])
}

/** How they reach the federation server: routes of plugin.json below `federation/`. */
export function useFederationServer(): Send {
  const send = useSend()
  return useMemo(() => (request) => send({ ...request, path: `federation/${request.path}` }), [send])
}

const RETRIES = 2

/** Only what may be different a moment later is asked again; a wrong token stays wrong. */
const worthRetrying = (failures: number, error: unknown) =>
  failures < RETRIES && error instanceof AskError && (error.kind === 'unreachable' || error.kind === 'busy')

/** Answers that were read stay on the page while newer ones are asked for; what is not refreshed counts as fresh for a few seconds. */
export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: { retry: worthRetrying, staleTime: 3000, refetchIntervalInBackground: false },
      mutations: { retry: false },
    },
  })

export const DataProvider = (props: { send: Send; client: QueryClient; children: ReactNode }) => (
  <SendContext.Provider value={props.send}>
    <QueryClientProvider client={props.client}>{props.children}</QueryClientProvider>
  </SendContext.Provider>
)
