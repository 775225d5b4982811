import { LoadingPlaceholder } from '@grafana/ui'
import type { ReactNode } from 'react'
import { clock } from '../text/format.ts'
import { say } from '../text/say.ts'
import { Stale, Trouble } from './trouble.tsx'

interface Asked<T> {
  readonly data: T | undefined
  readonly error: Error | null
  readonly dataUpdatedAt: number
  readonly refetch: () => unknown
}

/** Shows an answer of the processor; until there is one that it is awaited, or why there is none. An old answer stays when a newer one fails. */
export function Answer<T>({ of, children }: { of: Asked<T>; children: (data: T) => ReactNode }) {
  if (of.data === undefined) {
    if (of.error !== null) return <Trouble error={of.error} retry={() => of.refetch()} />
    return <LoadingPlaceholder text={say('answer.loading', 'Asking ADF …')} />
  }
  return (
    <>
      {of.error === null ? null : (
        <Stale error={of.error} since={clock(new Date(of.dataUpdatedAt).toISOString(), Date.now())} />
      )}
      {children(of.data)}
    </>
  )
}
