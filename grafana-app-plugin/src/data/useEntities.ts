import { type EntityStatus, routes } from '@adf/contract'
import { useQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import { useSend } from './provider.tsx'
import { REFRESH } from './refresh.ts'

const PAGE = 500
/** 10,000 entities: more than a page can show, few enough to hold. */
const MAX_PAGES = 20

/** Everything that is scored, with what is missing and why. `complete` is false when there are more than this reads. */
export function useEntities(filter: { readonly stream?: string; readonly service?: string } = {}) {
  const send = useSend()
  return useQuery({
    queryKey: ['entities', filter],
    queryFn: async ({ signal }) => {
      const items: EntityStatus[] = []
      let cursor: string | undefined
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await ask(send, routes.listEntities, {
          query: { ...filter, limit: PAGE, cursor },
          signal,
        })
        items.push(...answer.items)
        if (answer.next_cursor === null) return { items, complete: true }
        cursor = answer.next_cursor
      }
      return { items, complete: false }
    },
    refetchInterval: REFRESH.slow,
  })
}
