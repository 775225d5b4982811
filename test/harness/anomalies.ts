import { type Anomaly, AnomalyPage } from '@adf/contract'

const PAGE = 500

/** All anomalies that a processor tells of, newest first. @param query of `GET /api/anomalies`, such as the stream or the time from which on */
export async function readAnomalies(
  adf: { json(path: string): Promise<unknown> },
  query: Readonly<Record<string, string>>,
): Promise<Anomaly[]> {
  const all: Anomaly[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const asked = new URLSearchParams({ ...query, limit: `${PAGE}`, ...(cursor !== '' && { cursor }) })
    const page: AnomalyPage = AnomalyPage.parse(await adf.json(`/api/anomalies?${asked}`))
    all.push(...page.items)
    cursor = page.next_cursor
  }
  return all
}
