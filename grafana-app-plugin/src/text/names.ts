/** The part of a service's or node's id that people call it by: `shop/payment` is payment, `database:postgres` is postgres. */
export function shortName(id: string): string {
  const kind = /^(database|messaging|peer|user):(.+)$/s.exec(id)
  if (kind?.[2] !== undefined) return kind[2]
  const last = id.slice(id.lastIndexOf('/') + 1)
  return last === '' ? id : last
}

/** Short names, or whole ids where two of them would be called alike. */
export function namesOf(ids: Iterable<string>): ReadonlyMap<string, string> {
  const all = new Set(ids)
  const uses = new Map<string, number>()
  for (const id of all) uses.set(shortName(id), (uses.get(shortName(id)) ?? 0) + 1)
  return new Map([...all].map((id) => [id, uses.get(shortName(id)) === 1 ? shortName(id) : id]))
}

/** The first characters that tell an id from others at a glance: of a UUIDv7 its end, since its beginning is the time. */
export const shortId = (id: string): string => id.slice(-4)
