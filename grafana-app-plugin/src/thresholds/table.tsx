import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, TextLink, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { links } from '../app/links.ts'
import { Scrolling } from '../app/scrolling.tsx'
import { clamped } from '../charts/clamp.ts'
import { Panel } from '../charts/panel.tsx'
import { useEntities } from '../data/useEntities.ts'
import { useThresholds } from '../data/useThresholds.ts'
import { useTunedEntities } from '../data/useTuner.ts'
import { Answer } from '../states/answer.tsx'
import { say } from '../text/say.ts'
import { interval } from './interval.ts'
import { type Row, rowsOf } from './rows.ts'

const STEP = 100

/** Every entity and its threshold, one row each; the name leads to what another threshold would do. */
export function ThresholdTable({ tuner }: { tuner: boolean }) {
  const entities = useEntities()
  const thresholds = useThresholds({})
  const tuned = useTunedEntities({}, tuner)
  const [shown, setShown] = useState(STEP)
  return (
    <Panel title={say('thresholds.entities', 'Entities')}>
      <Answer of={entities}>
        {({ items }) => {
          const rows = rowsOf(items, thresholds.data?.items ?? [], tuned.data ?? [])
          if (rows.length === 0) return <p>{say('thresholds.none', 'Nothing is scored yet.')}</p>
          return (
            <>
              <Table rows={rows.slice(0, shown)} tuner={tuner} />
              {rows.length > shown ? (
                <Button variant="secondary" onClick={() => setShown(shown + STEP)}>
                  {say('thresholds.more', '{{count}} more', { count: rows.length - shown })}
                </Button>
              ) : null}
            </>
          )
        }}
      </Answer>
    </Panel>
  )
}

function Table({ rows, tuner }: { rows: readonly Row[]; tuner: boolean }) {
  const styles = useStyles2(stylesOf)
  return (
    <Scrolling label={say('thresholds.table', 'Thresholds')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('thresholds.entity', 'Entity')}</th>
            <th scope="col">{say('thresholds.threshold', 'Threshold')}</th>
            <th scope="col">{say('thresholds.held-by', 'Held by')}</th>
            {tuner ? (
              <>
                <th scope="col">{say('thresholds.alerts', 'Alerts a day')}</th>
                <th scope="col">{say('thresholds.verdicts', 'Verdicts')}</th>
                <th scope="col">{say('thresholds.precision', 'Useful alerts')}</th>
                <th scope="col">{say('thresholds.recall', 'Faults told')}</th>
              </>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.stream} ${row.entity}`}>
              <td>
                <TextLink
                  href={links.thresholds({ stream: row.stream, entity: row.entity })}
                  title={row.entity}
                >
                  <span className={clamped}>{row.entity}</span>
                </TextLink>
                <div className={styles.weak}>{row.stream}</div>
              </td>
              <td>{row.threshold.toFixed(2)}</td>
              <td>{heldBy(row)}</td>
              {tuner ? <Tuned row={row} /> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  )
}

function Tuned({ row: { tuned } }: { row: Row }) {
  return (
    <>
      <td>{tuned === undefined ? '–' : tuned.alerts_per_day.toFixed(1)}</td>
      <td>{tuned === undefined ? '–' : tuned.verdicts}</td>
      <td>{interval(tuned?.precision)}</td>
      <td>{interval(tuned?.recall)}</td>
    </>
  )
}

function heldBy({ heldBy, tuned }: Row): string {
  const who =
    heldBy === 'operator'
      ? say('thresholds.operator', 'operator')
      : heldBy === 'tuner'
        ? say('thresholds.tuner', 'tuner')
        : say('thresholds.initial', 'nobody: as at first')
  return tuned?.frozen === true ? say('thresholds.frozen', '{{who}}, frozen', { who }) : who
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    overflowWrap: 'anywhere',
    'th, td': {
      padding: theme.spacing(0.75, 1.5, 0.75, 0),
      verticalAlign: 'top',
      textAlign: 'left',
      minWidth: 80,
    },
    th: { overflowWrap: 'normal' },
    'tbody tr': { borderTop: `1px solid ${theme.colors.border.weak}` },
  }),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
