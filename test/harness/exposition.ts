/** Value of a Prometheus counter or gauge with these labels in a text exposition; the sum when several match, 0 when none does. */
export function sumOf(exposition: string, name: string, labels: Record<string, string> = {}): number {
  let sum = 0
  for (const line of exposition.split('\n')) {
    if (!line.startsWith(name)) continue
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (match?.[1] !== name) continue
    const wanted = Object.entries(labels).every(([key, value]) =>
      (match[2] ?? '').includes(`${key}="${value}"`),
    )
    if (wanted) sum += Number(match[3])
  }
  return sum
}
