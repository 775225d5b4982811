import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Field, Input, Stack, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { PermittedButton } from '../app/permitted-button.tsx'
import { useSetThreshold } from '../data/useThresholds.ts'
import { useFreeze } from '../data/useTuner.ts'
import { Trouble } from '../states/trouble.tsx'
import { say } from '../text/say.ts'
import type { Row } from './rows.ts'

/** Longest reason that ADF takes. */
const MAX_REASON = 1024

interface SetProps {
  readonly row: Row
  /** Of the threshold that is seen; 0: the initial one. Somebody else's newer one is not overwritten. */
  readonly version: number
  readonly tried: number
  readonly tuner: boolean
  readonly done: () => void
}

/** Sets what was tried, goes back to the initial threshold, or keeps the tuner away from this entity. */
export function SetThreshold({ row, version, tried, tuner, done }: SetProps) {
  const styles = useStyles2(stylesOf)
  const { stream, entity, initial, heldBy, threshold, tuned } = row
  const set = useSetThreshold()
  const freeze = useFreeze()
  const [reason, setReason] = useState('')
  const put = (value: number | null) => {
    const why = reason.trim()
    set.mutate(
      { stream, entity_id: entity, value, if_version: version, ...(why !== '' && { reason: why }) },
      {
        onSuccess: () => {
          setReason('')
          done()
        },
      },
    )
  }
  const frozen = tuned?.frozen === true
  return (
    <section className={styles.place} aria-label={say('set.label', 'Set the threshold')}>
      <Field
        label={say('set.reason', 'Why (for those who read the history)')}
        htmlFor="adf-reason"
        className={styles.reason}
        noMargin
      >
        <Input
          id="adf-reason"
          maxLength={MAX_REASON}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
      <Stack gap={1} wrap="wrap" alignItems="center">
        <PermittedButton
          action="thresholds:write"
          disabled={set.isPending || tried === threshold}
          onClick={() => put(tried)}
        >
          {say('set.set', 'Set to {{value}}', { value: tried.toFixed(2) })}
        </PermittedButton>
        <PermittedButton
          action="thresholds:write"
          variant="secondary"
          disabled={set.isPending || heldBy === null}
          onClick={() => put(null)}
        >
          {say('set.initial', 'Back to the initial {{value}}', { value: initial.toFixed(2) })}
        </PermittedButton>
        {tuner ? (
          <PermittedButton
            action="thresholds:write"
            variant="secondary"
            icon={frozen ? 'play' : 'pause'}
            disabled={freeze.isPending}
            onClick={() => freeze.mutate({ frozen: !frozen, stream, entity_id: entity })}
          >
            {frozen
              ? say('set.thaw', 'Let the tuner move it')
              : say('set.freeze', 'Keep the tuner from moving it')}
          </PermittedButton>
        ) : null}
        <span role="status">
          {set.isPending
            ? say('set.pending', 'Setting …')
            : set.isSuccess
              ? set.data === null
                ? say('set.done-initial', 'Done: it is as at first again.')
                : say('set.done', 'Done: {{value}} holds from the next vector on.', {
                    value: set.data.value.toFixed(2),
                  })
              : null}
        </span>
      </Stack>
      {set.error === null ? null : (
        <Trouble error={set.error}>
          <span>{say('set.kept', 'The threshold is as it was, and what you typed is kept.')}</span>
        </Trouble>
      )}
      {freeze.error === null ? null : <Trouble error={freeze.error} />}
    </section>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  place: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  reason: css({ maxWidth: 560 }),
})
