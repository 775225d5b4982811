import type { EntityStream, JudgedFeature } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, TextLink, useStyles2 } from '@grafana/ui'
import { ScoreChart } from '../anomalies/score-chart.tsx'
import { links } from '../app/links.ts'
import { Scrolling } from '../app/scrolling.tsx'
import { tableRules } from '../app/table-style.ts'
import { BandBar } from '../charts/band-bar.tsx'
import { Panel } from '../charts/panel.tsx'
import { ShareBar } from '../charts/share-bar.tsx'
import { useJudgement } from '../data/useJudgement.ts'
import { percent, quantity } from '../text/format.ts'
import { say } from '../text/say.ts'
import { Detectors } from './detectors.tsx'

/** One stream of an entity: how far it has learned, its score over time beside its threshold, each feature beside what is normal, and its detectors side by side. */
export function StreamPanel({ entity, of }: { entity: string; of: EntityStream }) {
  const styles = useStyles2(stylesOf)
  const judgement = useJudgement({ stream: of.stream, entity })
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
      {of.state === 'warming_up' ? null : (
        <ScoreChart stream={of.stream} entity={entity} threshold={of.threshold} />
      )}
      <p className={styles.weak}>
        {of.threshold === of.initial_threshold
          ? say('stream.as-at-first', 'Its threshold is the initial one.')
          : say('stream.moved', 'Its threshold was {{initial}} at first.', {
              initial: of.initial_threshold.toFixed(2),
            })}
      </p>
      <Features of={of} judged={judgement.data?.features ?? NONE} />
      {judgement.error === null ? null : (
        <p className={styles.weak}>
          {say('stream.no-judgement', 'What is normal could not be read: {{reason}}', {
            reason: judgement.error.message,
          })}
        </p>
      )}
      {judgement.data?.ready ? <Detectors of={judgement.data} /> : null}
    </Panel>
  )
}

const NONE: readonly JudgedFeature[] = []

/** Each feature with its latest value beside what is normal, or why it has none. */
function Features({ of, judged }: { of: EntityStream; judged: readonly JudgedFeature[] }) {
  const styles = useStyles2(stylesOf)
  const normal = new Map(judged.map((feature) => [feature.name, feature]))
  return (
    <Scrolling label={say('stream.features', 'Features of the stream {{stream}}', { stream: of.stream })}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('stream.feature', 'Feature')}</th>
            <th scope="col">{say('stream.value', 'Latest value')}</th>
            <th scope="col">{say('stream.normal', 'Normally')}</th>
            <th scope="col">{say('stream.beside', 'Beside it')}</th>
          </tr>
        </thead>
        <tbody>
          {of.features.map(({ name, unit, value, missing }) => {
            const band = normal.get(name)?.band ?? null
            const usual = band === null ? '–' : `${quantity(band[0], unit)} – ${quantity(band[1], unit)}`
            const odd = value !== null && band !== null && (value < band[0] || value > band[1])
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {value === null ? (
                    <span className={styles.weak}>{missing ?? say('stream.missing', 'missing')}</span>
                  ) : (
                    <>
                      {quantity(value, unit)}{' '}
                      {odd ? (
                        <Icon
                          name="exclamation-triangle"
                          aria-label={say('stream.outside', 'outside of what is normal')}
                        />
                      ) : null}
                    </>
                  )}
                </td>
                <td>{value === null ? '' : usual}</td>
                <td className={styles.bar}>
                  {value === null || band === null ? null : (
                    <BandBar
                      value={value}
                      band={band}
                      label={say('stream.bar', '{{name}} is {{value}}, normally {{usual}}', {
                        name,
                        value: quantity(value, unit),
                        usual,
                      })}
                    />
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scrolling>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css(tableRules(theme, 560)),
  bar: css({ width: '25%', minWidth: 110 }),
  weak: css({ color: theme.colors.text.secondary }),
})
