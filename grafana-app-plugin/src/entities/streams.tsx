import type { EntityStream } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { Panel } from '../charts/panel.tsx'
import { ShareBar } from '../charts/share-bar.tsx'
import { percent, quantity } from '../text/format.ts'
import { say } from '../text/say.ts'

/** One stream of an entity: how far it has learned, its score beside its threshold, and each feature with its latest value or why there is none. */
export function StreamPanel({ entity, of }: { entity: string; of: EntityStream }) {
  const styles = useStyles2(stylesOf)
  const learned = of.warm_up === 0 ? 1 : Math.min(1, of.learned / of.warm_up)
  return (
    <Panel
      title={say('stream.title', 'Stream {{stream}}', { stream: of.stream })}
      aside={
        <TextLink href={links.thresholds({ stream: of.stream, entity })} inline={false}>
          {say('stream.threshold', 'its threshold')}
        </TextLink>
      }
    >
      {of.state === 'warming_up' ? (
        <>
          <p>
            {say(
              'stream.learning',
              'Learning what is normal: {{learned}} of {{needed}} windows ({{share}}).',
              {
                learned: of.learned,
                needed: of.warm_up,
                share: percent(learned),
              },
            )}
          </p>
          <ShareBar tone="plain" share={learned} label={say('stream.learned', 'Learned')} />
        </>
      ) : (
        <p>
          {of.score === null
            ? say(
                'stream.no-score',
                'Scored, with no score for the latest window. Threshold {{threshold}}.',
                { threshold: of.threshold.toFixed(2) },
              )
            : of.score >= of.threshold
              ? say('stream.over', 'Score {{score}}, over its threshold {{threshold}}: anomalous.', {
                  score: of.score.toFixed(2),
                  threshold: of.threshold.toFixed(2),
                })
              : say('stream.under', 'Score {{score}}, under its threshold {{threshold}}: normal.', {
                  score: of.score.toFixed(2),
                  threshold: of.threshold.toFixed(2),
                })}
        </p>
      )}
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('stream.feature', 'Feature')}</th>
            <th scope="col">{say('stream.value', 'Latest value')}</th>
          </tr>
        </thead>
        <tbody>
          {of.features.map(({ name, unit, value, missing }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {value === null ? (
                  <span className={styles.weak}>{missing ?? say('stream.missing', 'missing')}</span>
                ) : (
                  quantity(value, unit)
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    overflowWrap: 'anywhere',
    'th, td': { textAlign: 'left', padding: theme.spacing(0.5, 2, 0.5, 0), verticalAlign: 'top' },
    'tbody tr': { borderTop: `1px solid ${theme.colors.border.weak}` },
  }),
  weak: css({ color: theme.colors.text.secondary }),
})
