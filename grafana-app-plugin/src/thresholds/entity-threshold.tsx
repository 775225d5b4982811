import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { TextLink, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { links } from '../app/links.ts'
import { Panel } from '../charts/panel.tsx'
import { useEntities } from '../data/useEntities.ts'
import { useScores } from '../data/useScores.ts'
import { useThresholds } from '../data/useThresholds.ts'
import { useTunedEntities } from '../data/useTuner.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { say } from '../text/say.ts'
import { interval } from './interval.ts'
import { type Row, rowsOf } from './rows.ts'
import { SetThreshold } from './set-threshold.tsx'
import { sinceScored } from './severities.ts'
import { Strip } from './strip.tsx'
import { TryThreshold } from './try-threshold.tsx'
import { useTrial } from './use-trial.ts'

const WEEK_MS = 7 * 86_400_000
/** The time asked for moves in steps, so that the question stays the same between two looks. */
const STEP_MS = 300_000

interface Props {
  readonly of: { readonly stream: string; readonly entity: string }
  readonly tuner: boolean
}

/** One threshold: a week of severities with the line through it, what another line would have made of them, and the way to set it. */
export function EntityThreshold({ of, tuner }: Props) {
  const entities = useEntities({ stream: of.stream })
  const thresholds = useThresholds(of)
  const tuned = useTunedEntities(of, tuner)
  return (
    <Panel
      title={say('threshold.title', '{{entity}}, stream {{stream}}', of)}
      aside={
        <TextLink href={links.entity(of.entity)} inline={false}>
          {say('threshold.entity', 'its features')}
        </TextLink>
      }
    >
      <Answer of={thresholds}>
        {({ items: [held] }) => (
          <Answer of={entities}>
            {({ items }) => {
              const row = rowsOf(items, held === undefined ? [] : [held], tuned.data ?? []).find(
                (one) => one.stream === of.stream && one.entity === of.entity,
              )
              if (row === undefined)
                return <p>{say('threshold.gone', 'ADF sees nothing of this entity now.')}</p>
              return <Line row={row} version={held?.version ?? 0} tuner={tuner} />
            }}
          </Answer>
        )}
      </Answer>
    </Panel>
  )
}

function Line({ row, version, tuner }: { row: Row; version: number; tuner: boolean }) {
  const styles = useStyles2(stylesOf)
  const { stream, entity, threshold } = row
  const now = useNow()
  const from = new Date(Math.floor((now - WEEK_MS) / STEP_MS) * STEP_MS).toISOString()
  const scores = useScores({ stream, entity, from })
  // What is tried stays where it was dragged to until it is set or the page is left.
  const [dragged, setDragged] = useState<number>()
  const tried = dragged ?? threshold
  const trial = useTrial({ stream, entity_id: entity, threshold: tried, from }, tuner)
  return (
    <div className={styles.place}>
      <p className={styles.line}>{sentenceOf(row)}</p>
      <Answer of={scores}>
        {(whole) => {
          const history = sinceScored(whole)
          return (
            <>
              <Strip
                history={history}
                threshold={threshold}
                tried={tried}
                episodes={trial.data?.episodes ?? []}
              />
              <TryThreshold
                history={history}
                row={row}
                tried={tried}
                set={setDragged}
                trial={trial}
                tuner={tuner}
                now={now}
              />
            </>
          )
        }}
      </Answer>
      <SetThreshold
        row={row}
        version={version}
        tried={tried}
        tuner={tuner}
        done={() => setDragged(undefined)}
      />
    </div>
  )
}

function sentenceOf({ threshold, initial, heldBy, tuned }: Row): string {
  const held =
    heldBy === null
      ? say('threshold.initial', 'It is at {{value}}, as at first', { value: threshold.toFixed(2) })
      : heldBy === 'operator'
        ? say(
            'threshold.operator',
            'An operator set it to {{value}} (at first {{initial}}); no tuner moves it',
            {
              value: threshold.toFixed(2),
              initial: initial.toFixed(2),
            },
          )
        : say('threshold.tuner', 'The tuner moved it to {{value}} (at first {{initial}})', {
            value: threshold.toFixed(2),
            initial: initial.toFixed(2),
          })
  if (tuned === undefined) return `${held}.`
  const parts = [
    held,
    say('threshold.alerts', '{{count}} alerts a day', { count: tuned.alerts_per_day.toFixed(1) }),
  ]
  if (tuned.precision !== null)
    parts.push(say('threshold.precision', '{{share}} of them useful', { share: interval(tuned.precision) }))
  return `${parts.join('; ')}. ${tuned.text}`
}

const stylesOf = (theme: GrafanaTheme2) => ({
  place: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
  line: css({ margin: 0, overflowWrap: 'anywhere' }),
})
