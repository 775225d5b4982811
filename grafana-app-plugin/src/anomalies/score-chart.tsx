import { RadioButtonGroup } from '@grafana/ui'
import { useMemo } from 'react'
import { useQueryState } from '../app/use-query-state.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { useScores } from '../data/useScores.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { say } from '../text/say.ts'
import { scoreColumns } from './score-columns.ts'

const HOUR_MS = 3_600_000
const RANGES: Readonly<Record<string, number>> = { '1h': 1, '6h': 6, '24h': 24, '7d': 168 }
const FIRST = '1h'
/** The time asked for moves in steps, so that the question stays the same between two looks. */
const STEP_MS = 60_000
const POINTS = 360

interface ScoreChartProps {
  readonly stream: string
  readonly entity: string
  /** In force now. */
  readonly threshold: number
}

/** Severity of one entity over time with its threshold through it. How far back is in the address. */
export function ScoreChart({ stream, entity, threshold }: ScoreChartProps) {
  const now = useNow()
  const [range = FIRST, setRange] = useQueryState('range')
  const hours = RANGES[range] ?? 1
  const from = Math.floor((now - hours * HOUR_MS) / STEP_MS) * STEP_MS
  const scores = useScores({ stream, entity, from: new Date(from).toISOString() })
  return (
    <div>
      <RadioButtonGroup
        size="sm"
        aria-label={say('scores.range', 'How far back')}
        options={[
          { value: '1h', label: say('scores.1h', '1 h') },
          { value: '6h', label: say('scores.6h', '6 h') },
          { value: '24h', label: say('scores.24h', '24 h') },
          { value: '7d', label: say('scores.7d', '7 days') },
        ]}
        value={range}
        onChange={(next) => setRange(next === FIRST ? undefined : next)}
      />
      <Answer of={scores}>
        {(history) => (
          <Drawn history={history} threshold={threshold} from={from} to={from + hours * HOUR_MS} />
        )}
      </Answer>
    </div>
  )
}

function Drawn(props: {
  history: Parameters<typeof scoreColumns>[0]
  threshold: number
  from: number
  to: number
}) {
  const { history, threshold, from, to } = props
  const { times, severities, thresholds, over } = useMemo(
    () => scoreColumns(history, threshold, POINTS),
    [history, threshold],
  )
  const reached = over.filter((one) => one !== null).length
  return (
    <TimeChart
      times={times}
      unit="short"
      min={0}
      range={{ from, to }}
      label={say(
        'scores.label',
        'Severity over time; it reached the threshold {{threshold}} at {{count}} of {{all}} points',
        { threshold: threshold.toFixed(2), count: reached, all: times.length },
      )}
      series={[
        {
          name: say('scores.severity', 'severity'),
          values: severities,
          color: 'semi-dark-blue',
          look: 'area',
        },
        {
          name: say('scores.threshold', 'threshold now'),
          values: thresholds,
          color: 'semi-dark-orange',
          look: 'dashed',
        },
        { name: say('scores.over', 'over it'), values: over, color: 'red', look: 'points' },
      ]}
    />
  )
}
