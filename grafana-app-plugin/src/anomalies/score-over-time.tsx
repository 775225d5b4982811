import type { Anomaly } from '@adf/contract'
import { useMemo } from 'react'
import { Panel } from '../charts/panel.tsx'
import { TimeChart } from '../charts/time-chart.tsx'
import { useEntities } from '../data/useEntities.ts'
import { say } from '../text/say.ts'
import { ScoreChart } from './score-chart.tsx'

interface Props {
  readonly stream: string | undefined
  readonly entity: string | undefined
  /** Those that the page lists. */
  readonly anomalies: readonly Anomaly[]
}

/** Of one entity its severity over time; of many, the scores of their anomalies, each with the threshold that it was over. */
export function ScoreOverTime({ stream, entity, anomalies }: Props) {
  const entities = useEntities()
  const known = entities.data?.items
    .find((one) => one.entity.id === entity)
    ?.streams.find((one) => stream === undefined || one.stream === stream)
  if (entity !== undefined && known !== undefined)
    return (
      <Panel
        title={say('scores.of', 'Severity of {{entity}}, stream {{stream}}', {
          entity,
          stream: known.stream,
        })}
      >
        <ScoreChart stream={known.stream} entity={entity} threshold={known.threshold} />
      </Panel>
    )
  return anomalies.length === 0 ? null : <Scores anomalies={anomalies} />
}

function Scores({ anomalies }: { anomalies: readonly Anomaly[] }) {
  const chart = useMemo(() => {
    const ordered = anomalies.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))
    return {
      times: ordered.map(({ time }) => Date.parse(time)),
      series: [
        {
          name: say('scores.score', 'score of an anomaly'),
          values: ordered.map(({ score }) => score),
          color: 'red',
          look: 'points',
        },
        {
          name: say('scores.its-threshold', 'its threshold'),
          values: ordered.map(({ threshold }) => threshold),
          color: 'semi-dark-orange',
          look: 'points',
        },
      ],
    } as const
  }, [anomalies])
  return (
    <Panel title={say('scores.all', 'Scores of those below')}>
      <TimeChart
        {...chart}
        unit="short"
        min={0}
        label={say('scores.all-label', 'Scores of {{count}} anomalies over time, beside their thresholds', {
          count: anomalies.length,
        })}
      />
    </Panel>
  )
}
