import type { Incident } from '@adf/contract'
import { css, cx } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, type IconName, TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { Panel } from '../charts/panel.tsx'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'

/** The way of the trouble: from the symptom that is farthest away, along the calls, to the first-ranked cause. */
export function Path({ incident, at }: { incident: Incident; at: string | undefined }) {
  const styles = useStyles2(stylesOf)
  const [cause] = incident.causes
  if (cause === undefined) return null
  const steps = cause.path.toReversed()
  return (
    <Panel
      title={say('path.title', 'From symptom to cause')}
      aside={
        <TextLink href={links.graph(cause.service, at)} inline={false}>
          {say('path.graph', 'whole graph')}
        </TextLink>
      }
    >
      <ol className={styles.path}>
        {steps.map((service, index) => {
          const isCause = index === steps.length - 1
          return (
            <li key={service} className={styles.step}>
              <div className={cx(styles.node, isCause ? styles.cause : styles.suffers)} title={service}>
                <Icon name={isCause ? CAUSE : SUFFERS} />
                <strong>{shortName(service)}</strong>
                <span>
                  {isCause
                    ? say('path.cause', 'cause')
                    : incident.suffering.includes(service)
                      ? say('path.suffers', 'suffers')
                      : say('path.between', 'in between')}
                </span>
              </div>
              {isCause ? null : (
                <Icon name="arrow-right" className={styles.arrow} aria-label={say('path.calls', 'calls')} />
              )}
            </li>
          )
        })}
      </ol>
      {steps.length > 1 ? null : (
        <p className={styles.alone}>{say('path.alone', 'It is seen in this service alone.')}</p>
      )}
    </Panel>
  )
}

const CAUSE: IconName = 'exclamation-circle'
const SUFFERS: IconName = 'exclamation-triangle'

const stylesOf = (theme: GrafanaTheme2) => ({
  path: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    listStyle: 'none',
    margin: 0,
    gap: theme.spacing(0.5),
  }),
  step: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.5) }),
  node: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    padding: theme.spacing(1, 1.5),
    borderRadius: theme.shape.radius.default,
    border: '2px solid',
    maxWidth: 220,
    overflowWrap: 'anywhere',
    textAlign: 'center',
    '& > span': { fontSize: theme.typography.bodySmall.fontSize, color: theme.colors.text.secondary },
  }),
  cause: css({
    borderColor: theme.visualization.getColorByName('red'),
    '& > svg': { color: theme.visualization.getColorByName('red') },
  }),
  suffers: css({
    borderColor: theme.visualization.getColorByName('orange'),
    borderStyle: 'dashed',
    '& > svg': { color: theme.visualization.getColorByName('orange') },
  }),
  alone: css({ margin: theme.spacing(1, 0, 0), color: theme.colors.text.secondary }),
  arrow: css({ color: theme.colors.text.secondary }),
})
