import type { PanelProps } from '@grafana/data'
import { grafanaSend } from '../../data/grafana-send.ts'
import { createQueryClient, DataProvider } from '../../data/provider.tsx'
import { useTuner } from '../../data/useTuner.ts'
import { say } from '../../text/say.ts'
import { EntityThreshold } from '../../thresholds/entity-threshold.tsx'
import type { ThresholdPanelOptions } from './options.ts'

/** One for all panels of a page: they ask the same. */
const client = createQueryClient()

/**
 * The threshold of an entity. It is changed here, so that it asks through the app's routes, whose permissions say who may, and not through a data
 * source.
 */
export default function ThresholdPanel({ options, replaceVariables }: PanelProps<ThresholdPanelOptions>) {
  const [stream, entity] = [replaceVariables(options.stream), replaceVariables(options.entity)]
  if (stream === '' || entity === '')
    return (
      <p role="status">
        {say('panel.no-entity', 'Whose threshold? Give a stream and an entity in the options of the panel.')}
      </p>
    )
  return (
    <DataProvider send={grafanaSend} client={client}>
      <Threshold key={`${stream} ${entity}`} stream={stream} entity={entity} />
    </DataProvider>
  )
}

function Threshold(of: { stream: string; entity: string }) {
  // The settings of the app say whether there is a tuner, but are not a panel's to read.
  const tuner = useTuner(true).isSuccess
  return <EntityThreshold of={of} tuner={tuner} />
}
