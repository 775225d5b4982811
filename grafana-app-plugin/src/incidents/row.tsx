import type { Incident } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Badge, TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { duration } from '../text/duration.ts'
import { clock } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'

const SHOWN = 5

/** An incident as a sentence, with since when and what was said of it. */
export function IncidentRow({ incident, now }: { incident: Incident; now: number }) {
  const styles = useStyles2(stylesOf)
  const end = incident.resolved_at === null ? now : Date.parse(incident.resolved_at)
  return (
    <li className={styles.row}>
      <Badge {...badgeOf(incident)} />
      <div className={styles.text}>
        <TextLink href={links.incident(incident.id)} inline={false}>
          {incident.title}
        </TextLink>
        <div className={styles.weak}>
          {say('incident.row', 'since {{time}}, {{duration}}; {{count}} anomalies; {{services}}', {
            time: clock(incident.started_at, now),
            duration: duration(end - Date.parse(incident.started_at)),
            count: incident.anomaly_count,
            services: incident.services.slice(0, SHOWN).map(shortName).join(', '),
          })}
        </div>
      </div>
      {incident.verdict === null ? null : (
        <Badge
          color="blue"
          text={
            incident.verdict === 'true_positive'
              ? say('verdict.useful', 'useful')
              : say('verdict.noise', 'noise')
          }
        />
      )}
    </li>
  )
}

function badgeOf({ state }: Incident): { color: 'red' | 'green' | 'blue'; text: string } {
  if (state === 'open') return { color: 'red', text: say('state.open', 'open') }
  if (state === 'resolved') return { color: 'green', text: say('state.resolved', 'over') }
  return { color: 'blue', text: say('state.merged', 'merged') }
}

const stylesOf = (theme: GrafanaTheme2) => ({
  row: css({
    display: 'flex',
    alignItems: 'flex-start',
    gap: theme.spacing(1.5),
    padding: theme.spacing(1, 0),
    borderTop: `1px solid ${theme.colors.border.weak}`,
  }),
  text: css({ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
