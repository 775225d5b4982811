import type { Update } from '@adf/contract/federation'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { config } from '@grafana/runtime'
import { Button, Field, Stack, TextArea, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { PermittedButton } from '../app/permitted-button.tsx'
import { useReview } from '../data/useFederation.ts'
import { Trouble } from '../states/trouble.tsx'
import { say } from '../text/say.ts'

/** Longest note that the federation server takes. */
const MAX_NOTE = 4096

type Decision = 'release' | 'reject'

/** Releases or rejects an update that is held back; both ask why, since it goes into the audit log. @param done told what happened */
export function Review({ update, done }: { update: Update; done: (what: string) => void }) {
  const styles = useStyles2(stylesOf)
  const review = useReview()
  const [decision, setDecision] = useState<Decision>()
  const [note, setNote] = useState('')
  const why = note.trim()
  const id = `adf-review-${update.id}`
  const send = () => {
    if (decision === undefined || why === '' || review.isPending) return
    const reviewer = config.bootData.user.login
    // By the promise: the row is gone once its update is read again, and with it what it would have been told.
    review.mutateAsync({ id: update.id, decision, note: why, reviewer }).then(
      () => done(toldOf(decision, update)),
      () => undefined,
    )
  }
  if (decision === undefined)
    return (
      <Stack gap={1} wrap="wrap">
        <PermittedButton
          action="federation:review"
          size="sm"
          variant="secondary"
          icon="check"
          onClick={() => setDecision('release')}
        >
          {say('review.release', 'Release …')}
        </PermittedButton>
        <PermittedButton
          action="federation:review"
          size="sm"
          variant="destructive"
          fill="outline"
          icon="times"
          onClick={() => setDecision('reject')}
        >
          {say('review.reject', 'Reject …')}
        </PermittedButton>
      </Stack>
    )
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Field
        label={
          decision === 'release'
            ? say('review.why-release', 'Why it may count')
            : say('review.why-reject', 'Why it must not count')
        }
        description={say('review.audited', 'It stands in the audit log with your name. {{what}}', {
          what: WHAT[decision](),
        })}
        htmlFor={id}
        noMargin
      >
        <TextArea
          id={id}
          rows={2}
          maxLength={MAX_NOTE}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      </Field>
      <Stack gap={1}>
        <Button
          type="submit"
          size="sm"
          variant={decision === 'release' ? 'primary' : 'destructive'}
          disabled={why === '' || review.isPending}
        >
          {decision === 'release'
            ? say('review.do-release', 'Release this update')
            : say('review.do-reject', 'Reject this update')}
        </Button>
        <Button type="button" size="sm" variant="secondary" onClick={() => setDecision(undefined)}>
          {say('review.cancel', 'Leave it as it is')}
        </Button>
      </Stack>
      {review.error === null ? null : (
        <Trouble error={review.error}>
          <span>{say('review.kept', 'Nothing was decided; what you typed is kept.')}</span>
        </Trouble>
      )}
    </form>
  )
}

const WHAT: Readonly<Record<Decision, () => string>> = {
  release: () =>
    say('review.what-release', 'The update counts in the next round, and its client is trusted again.'),
  reject: () => say('review.what-reject', 'The update never counts.'),
}

const toldOf = (decision: Decision, { client, round }: Update): string =>
  decision === 'release'
    ? say(
        'review.released',
        'Released: the update of {{client}} of round {{round}} counts in the next one.',
        {
          client,
          round,
        },
      )
    : say('review.rejected', 'Rejected: the update of {{client}} of round {{round}} never counts.', {
        client,
        round,
      })

const stylesOf = (theme: GrafanaTheme2) => ({
  form: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), maxWidth: 560 }),
})
