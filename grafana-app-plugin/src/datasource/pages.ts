/** As much of a list as is wanted, page by page. `more` says that there was more. */
export async function readPages<Item>(
  limit: number,
  ask: (query: { limit: number; cursor: string | undefined }) => Promise<{
    readonly items: readonly Item[]
    readonly next_cursor: string | null
  }>,
): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> {
  const items: Item[] = []
  let cursor: string | undefined
  while (items.length < limit) {
    const page = await ask({ limit: Math.min(PAGE, limit - items.length), cursor })
    items.push(...page.items)
    if (page.next_cursor === null) return { items, more: false }
    cursor = page.next_cursor
  }
  return { items, more: true }
}

/** What the API gives at once at most. */
const PAGE = 500
