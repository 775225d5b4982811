import type { Config } from '../../config.ts'
import type { Store } from '../../store/store.ts'
import type { Publication } from './publication.ts'

/** The logs of the store that the configuration names a topic for. */
export function publicationsOf(
  { publish }: Config['kafka'],
  { alertLog, verdicts }: Pick<Store, 'alertLog' | 'verdicts'>,
): Publication[] {
  const all: Publication[] = [
    {
      topic: publish.anomalies,
      async page(after, limit) {
        const entries = await alertLog.after(after, limit)
        return {
          messages: entries.flatMap((entry) =>
            entry.type === 'anomaly' ? [{ key: entry.data.entity.id, value: entry.data }] : [],
          ),
          cursor: Number(entries.at(-1)?.cursor ?? after),
          more: entries.length === limit,
        }
      },
      bounds: () => alertLog.bounds(),
    },
    {
      topic: publish.verdicts,
      async page(after, limit) {
        const { items, latest } = await verdicts.log(after, limit)
        const cursor = items.at(-1)?.cursor ?? Math.max(after, latest)
        return {
          messages: items.map((entry) => ({
            key: entry.verdict.anomaly_id ?? entry.verdict.incident_id ?? entry.verdict.id,
            value: entry,
          })),
          cursor,
          more: cursor < latest,
        }
      },
      async bounds() {
        const { latest } = await verdicts.log(Number.MAX_SAFE_INTEGER, 1)
        return { oldest: 0, latest }
      },
    },
  ]
  return all.filter(({ topic }) => topic !== '')
}
