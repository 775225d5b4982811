import type { Incident } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Alert, TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { clock, percent } from '../text/format.ts'
import { likelihood } from '../text/likelihood.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { brieflyOf, conclusionOf } from './answer.ts'

/** The first lines of the page: what is wrong and where it started, as far as it is known. */
export function Statement({ incident, now }: { incident: Incident; now: number }) {
  const styles = useStyles2(stylesOf)
  return (
    <div className={styles.statement}>
      {incident.merged_into === null ? null : (
        <Alert
          severity="info"
          title={say('incident.merged', 'This turned out to be part of another incident')}
        >
          <TextLink href={links.incident(incident.merged_into)}>
            {say('incident.merged-link', 'Go to that incident')}
          </TextLink>
        </Alert>
      )}
      <p className={styles.answer}>
        <Conclusion incident={incident} now={now} />
      </p>
      <p className={styles.reach}>{reachOf(incident)}</p>
    </div>
  )
}

function Conclusion({ incident, now }: { incident: Incident; now: number }) {
  const styles = useStyles2(stylesOf)
  const conclusion = conclusionOf(incident)
  switch (conclusion.kind) {
    case 'cause': {
      const { cause, evidence } = conclusion
      const since = evidence?.since ?? incident.started_at
      return (
        <>
          <strong className={styles.cause} title={cause.service}>
            {shortName(cause.service)}
          </strong>{' '}
          {say('incident.is-cause', 'is the probable cause ({{likely}}, {{percent}})', {
            likely: likelihood(cause.probability),
            percent: percent(cause.probability),
          })}
          {evidence === undefined ? null : `: ${brieflyOf(evidence)}`}
          {say('incident.since', ', since {{time}}.', { time: clock(since, now) })}
        </>
      )
    }
    case 'unclear':
      if (conclusion.leads.length === 0)
        return say(
          'incident.no-leads',
          'Something is wrong since {{time}}, but nothing that ADF sees explains it.',
          {
            time: clock(incident.started_at, now),
          },
        )
      return say(
        'incident.unclear',
        'No single cause stands out. The best leads, since {{time}}: {{leads}}.',
        {
          time: clock(incident.started_at, now),
          leads: conclusion.leads
            .map((one) => `${shortName(one.service)} (${percent(one.probability)})`)
            .join(', '),
        },
      )
    case 'unranked':
      return say(
        'incident.unranked',
        '{{services}}: something is wrong since {{time}}. The causes are being ranked.',
        {
          services: incident.services.map(shortName).join(', '),
          time: clock(incident.started_at, now),
        },
      )
  }
}

/** The words of a list that may be long. */
function listed(services: readonly string[]): string {
  const shown = services.slice(0, 5).map(shortName).join(', ')
  const more = services.length - 5
  return more > 0 ? say('incident.and-more', '{{shown}} and {{more}} more', { shown, more }) : shown
}

function reachOf({ suffering, blast_radius }: Incident): string {
  const next = blast_radius.filter((service) => !suffering.includes(service))
  return [
    suffering.length === 0
      ? say('incident.nobody-suffers', 'No other service is seen to suffer from it.')
      : say(
          suffering.length === 1 ? 'incident.one-suffers' : 'incident.suffer',
          suffering.length === 1
            ? '1 service suffers from it: {{services}}.'
            : '{{count}} services suffer from it: {{services}}.',
          {
            count: suffering.length,
            services: listed(suffering),
          },
        ),
    next.length === 0
      ? ''
      : say('incident.next', 'May suffer next, since they call it: {{services}}.', {
          services: listed(next),
        }),
  ]
    .join(' ')
    .trim()
}

const stylesOf = (theme: GrafanaTheme2) => ({
  statement: css({ overflowWrap: 'anywhere' }),
  answer: css({
    fontSize: theme.typography.h3.fontSize,
    lineHeight: 1.35,
    margin: 0,
    maxWidth: 1100,
    [theme.breakpoints.down('md')]: { fontSize: theme.typography.h4.fontSize },
  }),
  cause: css({ fontWeight: theme.typography.fontWeightBold }),
  reach: css({ margin: theme.spacing(0.5, 0, 0), color: theme.colors.text.secondary }),
})
