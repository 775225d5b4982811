import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { PluginPage } from '@grafana/runtime'
import { useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { useSettings } from '../app/settings.ts'
import { useQueryState } from '../app/use-query-state.ts'
import { RespondentContext } from '../states/trouble.tsx'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { Changes } from './changes.tsx'
import { EntityThreshold } from './entity-threshold.tsx'
import { Steps } from './steps.tsx'
import { ThresholdTable } from './table.tsx'
import { NoTuner, TunerState } from './tuner-state.tsx'

/** From where on an entity is anomalous, who decided that and why; what another threshold would do; freeze, set, take back. */
export default function ThresholdsPage() {
  const styles = useStyles2(stylesOf)
  const [stream] = useQueryState('stream')
  const [entity] = useQueryState('entity')
  const { webhookUrl = '' } = useSettings()
  const tuner = webhookUrl !== ''
  const one = stream !== undefined && entity !== undefined ? { stream, entity } : undefined
  const title = say('thresholds.title', 'Thresholds')
  return (
    <PluginPage
      pageNav={
        one === undefined
          ? { text: title }
          : {
              text: say('thresholds.of', 'Threshold of {{entity}}', { entity: shortName(one.entity) }),
              parentItem: { text: title, url: links.thresholds() },
            }
      }
    >
      <div className={styles.page}>
        {tuner ? (
          <RespondentContext value="webhook">
            <TunerState />
          </RespondentContext>
        ) : (
          <NoTuner />
        )}
        {one === undefined ? (
          <ThresholdTable tuner={tuner} />
        ) : (
          <EntityThreshold key={`${one.stream} ${one.entity}`} of={one} tuner={tuner} />
        )}
        {tuner ? (
          <RespondentContext value="webhook">
            <Steps of={one ?? {}} />
          </RespondentContext>
        ) : null}
        <Changes of={one ?? {}} />
      </div>
    </PluginPage>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
})
