import { configure, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { createQueryClient, DataProvider } from '../data/provider.tsx'
import type { Send } from '../data/send.ts'

// A busy machine may need long for what is instant elsewhere.
configure({ asyncUtilTimeout: 15_000 })

/** A hook of src/data in the providers that it needs. */
export function renderDataHook<T>(send: Send, hook: () => T) {
  const client = createQueryClient()
  client.setDefaultOptions({ queries: { retry: false } })
  const wrapper = ({ children }: { children: ReactNode }) => (
    <DataProvider send={send} client={client}>
      {children}
    </DataProvider>
  )
  return renderHook(hook, { wrapper })
}
