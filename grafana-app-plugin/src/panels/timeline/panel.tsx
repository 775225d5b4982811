import type { PanelProps } from '@grafana/data'
import { answersOf } from '../../datasource/frames/answer.ts'
import { LaneChart } from '../../incident/lane-chart.tsx'
import { anomalyLanes } from '../../incident/lanes.ts'
import { IncidentTimeline } from '../../incident/timeline.tsx'
import { useNow } from '../../states/use-now.ts'
import { say } from '../../text/say.ts'
import { Unasked } from '../unasked.tsx'
import type { TimelinePanelOptions } from './options.ts'

/** The timeline of the incident in the data, or a line for each entity that has anomalies in it. */
export default function TimelinePanel({ data, options, timeRange }: PanelProps<TimelinePanelOptions>) {
  const now = useNow()
  const { incident, anomalies } = answersOf(data.series)
  if (incident !== undefined) return <IncidentTimeline of={incident} now={now} />
  if (anomalies === undefined) return <Unasked what={say('query.anomalies', 'Anomalies')} />
  if (anomalies.length === 0) return <p>{say('panel.no-anomalies', 'No anomaly in this time.')}</p>
  const lanes = anomalyLanes(anomalies)
  const shown = lanes.slice(0, options.most)
  const label = say('panel.lanes', '{{count}} anomalies of {{entities}} entities', {
    count: anomalies.length,
    entities: lanes.length,
  })
  return (
    <figure style={{ margin: 0 }}>
      <LaneChart lanes={shown} from={timeRange.from.valueOf()} to={timeRange.to.valueOf()} />
      <figcaption>
        {label}
        {shown.length < lanes.length
          ? say('panel.lanes-more', '; the {{count}} that were the first are shown', { count: shown.length })
          : null}
      </figcaption>
    </figure>
  )
}
