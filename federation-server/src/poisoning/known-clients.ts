/**
 * At most so many clients are remembered: those that were not seen for the longest time are forgotten, first those for whom `keep` is not
 * true, so that nobody washes off distrust by bringing many names.
 */
export function bounded<T extends { readonly seen: number }>(
  clients: ReadonlyMap<string, T>,
  most: number,
  keep: (client: T) => boolean = () => false,
): ReadonlyMap<string, T> {
  if (clients.size <= most) return clients
  const rank = ([, client]: [string, T]) => (keep(client) ? 1 : 0)
  return new Map(
    [...clients]
      .sort((a, b) => rank(b) - rank(a) || b[1].seen - a[1].seen || (a[0] < b[0] ? -1 : 1))
      .slice(0, most),
  )
}
