import type { ScoreHistory } from '@adf/contract'
import type { WhatIf } from '@adf/contract/feedback'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, useStyles2 } from '@grafana/ui'
import { useId } from 'react'
import { clock } from '../text/format.ts'
import { say } from '../text/say.ts'
import type { Row } from './rows.ts'
import { timesReached } from './severities.ts'

interface TryProps {
  readonly history: ScoreHistory
  readonly row: Row
  readonly tried: number
  readonly set: (tried: number | undefined) => void
  readonly trial: { readonly data: WhatIf | undefined; readonly error: Error | null }
  readonly tuner: boolean
  readonly now: number
}

/** Drag the threshold: which of the past alerts would have come, and which not. Nothing is changed by it. */
export function TryThreshold({ history, row, tried, set, trial, tuner, now }: TryProps) {
  const styles = useStyles2(stylesOf)
  const id = useId()
  const { threshold } = row
  return (
    <>
      <div className={styles.place}>
        <label htmlFor={id}>{say('try.label', 'Try another threshold')}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={2}
          step={0.01}
          value={tried}
          className={styles.range}
          aria-valuetext={tried.toFixed(2)}
          onChange={(event) => set(Number(event.currentTarget.value))}
        />
        <strong>{tried.toFixed(2)}</strong>
        {tried === threshold ? null : (
          <Button size="sm" variant="secondary" onClick={() => set(undefined)}>
            {say('try.reset', 'Back to {{value}}', { value: threshold.toFixed(2) })}
          </Button>
        )}
      </div>
      <p role="status" className={styles.told}>
        {tried === threshold
          ? say(
              'try.now',
              'Since {{from}} severities reached {{threshold}} {{here}}×. Drag to see what another one would do.',
              {
                from: clock(history.from, now),
                threshold: threshold.toFixed(2),
                here: timesReached(history, threshold),
              },
            )
          : say(
              'try.reached',
              'Since {{from}} severities reached {{tried}} {{there}}×, and {{threshold}} {{here}}×.',
              {
                from: clock(history.from, now),
                tried: tried.toFixed(2),
                there: timesReached(history, tried),
                threshold: threshold.toFixed(2),
                here: timesReached(history, threshold),
              },
            )}{' '}
        {tuner && tried !== threshold ? trial.data?.text : null}
        {trial.error === null
          ? null
          : say('try.error', 'What was said of them cannot be counted: {{reason}}', {
              reason: trial.error.message,
            })}
      </p>
    </>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  place: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  range: css({ flex: '1 1 200px', maxWidth: 480 }),
  told: css({ margin: 0, overflowWrap: 'anywhere' }),
})
