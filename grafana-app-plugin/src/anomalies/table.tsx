import type { Anomaly } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { TextLink, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { links } from '../app/links.ts'
import { PermittedButton } from '../app/permitted-button.tsx'
import { Scrolling } from '../app/scrolling.tsx'
import { clock } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { anomalyType } from '../text/words.ts'
import { Contributions } from './contributions.tsx'
import { DeleteAnomaly } from './delete-anomaly.tsx'

/** Anomalies with what each feature added, one row each. */
export function AnomalyTable({ anomalies, now }: { anomalies: readonly Anomaly[]; now: number }) {
  const styles = useStyles2(stylesOf)
  // Outlives its row, which newer anomalies may push off the page.
  const [asked, setAsked] = useState<Anomaly>()
  return (
    <Scrolling label={say('anomalies.table', 'Anomalies')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('anomalies.time', 'Time')}</th>
            <th scope="col">{say('anomalies.entity', 'Entity')}</th>
            <th scope="col">{say('anomalies.score', 'Score / threshold')}</th>
            <th scope="col">{say('anomalies.what', 'What was odd')}</th>
            <th scope="col">{say('anomalies.seen-by', 'Seen by')}</th>
            <th scope="col">{say('anomalies.delete', 'Delete')}</th>
          </tr>
        </thead>
        <tbody>
          {anomalies.map((anomaly) => (
            <tr key={anomaly.id}>
              <td>
                {clock(anomaly.time, now)}
                {anomaly.incident_id === null ? null : (
                  <div>
                    <TextLink href={links.incident(anomaly.incident_id)}>
                      {say('anomalies.incident', 'incident')}
                    </TextLink>
                  </div>
                )}
              </td>
              <td>
                <TextLink href={links.entity(anomaly.entity.id)} title={anomaly.entity.id}>
                  {shortName(anomaly.entity.id)}
                </TextLink>
                <div className={styles.weak}>{anomaly.stream}</div>
              </td>
              <td>
                {anomaly.score.toFixed(2)} / {anomaly.threshold.toFixed(2)}
                <div className={styles.weak}>{anomalyType(anomaly.type)}</div>
              </td>
              <td>
                <Contributions anomaly={anomaly} />
              </td>
              <td>{anomaly.seen_by.join(', ') || anomaly.detector}</td>
              <td>
                <PermittedButton
                  action="anomalies:delete"
                  size="sm"
                  variant="secondary"
                  fill="text"
                  icon="trash-alt"
                  aria-label={say('anomaly.delete', 'Delete the anomaly of {{entity}} at {{time}}', {
                    entity: shortName(anomaly.entity.id),
                    time: clock(anomaly.time, now),
                  })}
                  onClick={() => setAsked(anomaly)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked === undefined ? null : (
        <DeleteAnomaly anomaly={asked} now={now} close={() => setAsked(undefined)} />
      )}
    </Scrolling>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    // As wide as it has beside the causes of an incident.
    minWidth: 560,
    'th, td': { padding: theme.spacing(0.75, 1.5, 0.75, 0), verticalAlign: 'top', textAlign: 'left' },
    'tbody tr': { borderTop: `1px solid ${theme.colors.border.weak}` },
  }),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
