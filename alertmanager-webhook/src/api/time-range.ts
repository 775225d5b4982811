/** `from` and `to` of a query, as the store takes them. */
export function timeRange({ from, to }: { from: string | undefined; to: string | undefined }): {
  fromMs: number | undefined
  toMs: number | undefined
} {
  return {
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
  }
}
