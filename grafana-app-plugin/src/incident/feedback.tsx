import type { Incident, VerdictValue } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { config } from '@grafana/runtime'
import { Button, Field, Input, Stack, TextArea, TextLink, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { links } from '../app/links.ts'
import { PermittedButton, refusalOf } from '../app/permitted-button.tsx'
import { useFeedback, useWithdraw } from '../data/useFeedback.ts'
import { Trouble } from '../states/trouble.tsx'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { type Draft, EMPTY, keepDraft, readDraft } from './draft.ts'

/** Longest note that ADF takes. */
const MAX_NOTE = 4096
const MAX_CAUSE = 256

/** Useful or noise, where the eye is; below, what it did, and a place for the cause and a note. */
export function Feedback({ incident }: { incident: Incident }) {
  const styles = useStyles2(stylesOf)
  const feedback = useFeedback()
  const withdraw = useWithdraw()
  const [open, setOpen] = useState(false)
  const [draft, setDraft] = useState(() => readDraft(sessionStorage, incident.id))
  const given = feedback.data?.verdict ?? incident.verdict
  const refusal = refusalOf('feedback:write')

  const change = (next: Draft) => {
    setDraft(next)
    keepDraft(sessionStorage, incident.id, next)
  }
  const give = (verdict: VerdictValue) => {
    const cause = draft.cause.trim()
    const note = draft.note.trim()
    feedback.mutate(
      {
        incident_id: incident.id,
        verdict,
        author: config.bootData.user.login,
        ...(verdict === 'true_positive' && cause !== '' && { cause }),
        ...(note !== '' && { note }),
      },
      {
        onSuccess: () => {
          change(EMPTY)
          setOpen(false)
        },
      },
    )
  }
  const button = (verdict: VerdictValue, text: string, icon: 'check' | 'bell-slash') => (
    <PermittedButton
      action="feedback:write"
      variant={given === verdict ? 'primary' : 'secondary'}
      icon={icon}
      aria-pressed={given === verdict}
      disabled={feedback.isPending}
      onClick={() => give(verdict)}
    >
      {text}
    </PermittedButton>
  )
  return (
    <section className={styles.place} aria-label={say('feedback.label', 'Your verdict')}>
      <Stack gap={1} wrap="wrap" alignItems="center">
        {button('true_positive', say('feedback.useful', 'Useful'), 'check')}
        {button('false_positive', say('feedback.noise', 'Noise'), 'bell-slash')}
        <PermittedButton
          action="feedback:write"
          variant="secondary"
          fill="outline"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {say('feedback.more', 'The cause was …')}
        </PermittedButton>
        <span role="status">
          {feedback.isPending
            ? say('feedback.pending', 'Sending …')
            : given === null && refusal !== undefined
              ? refusal
              : toldOf(given, incident)}
        </span>
        {feedback.data === undefined ? null : (
          <Button
            size="sm"
            variant="secondary"
            fill="text"
            icon="history"
            disabled={withdraw.isPending}
            onClick={() => withdraw.mutate(feedback.data.id, { onSuccess: () => feedback.reset() })}
          >
            {say('feedback.withdraw', 'Take it back')}
          </Button>
        )}
        {given === null ? null : (
          <TextLink href={links.thresholds()}>
            {say('feedback.thresholds', 'What the tuner makes of it')}
          </TextLink>
        )}
      </Stack>
      {open ? <More incident={incident} draft={draft} change={change} give={give} /> : null}
      {feedback.error === null ? null : (
        <Trouble error={feedback.error}>
          <span>
            {say(
              'feedback.kept',
              'Your verdict was not taken. What you typed is kept: press the button again when you can.',
            )}
          </span>
        </Trouble>
      )}
      {withdraw.error === null ? null : (
        <Trouble error={withdraw.error}>
          <span>{say('feedback.stays', 'Your verdict stands as it was.')}</span>
        </Trouble>
      )}
    </section>
  )
}

function toldOf(given: VerdictValue | null, { causes }: Incident): string {
  if (given === 'true_positive') {
    const first = causes[0]
    return first === undefined
      ? say('feedback.thanks-useful', 'Thanks: it counts as useful.')
      : say(
          'feedback.thanks-useful-cause',
          'Thanks: it counts as useful, with {{cause}} as the cause unless you named another.',
          {
            cause: shortName(first.service),
          },
        )
  }
  if (given === 'false_positive') return say('feedback.thanks-noise', 'Thanks: it counts as noise.')
  return say('feedback.question', 'Was this worth an alert?')
}

function More(props: {
  incident: Incident
  draft: Draft
  change: (draft: Draft) => void
  give: (verdict: VerdictValue) => void
}) {
  const { incident, draft, change, give } = props
  const styles = useStyles2(stylesOf)
  const services = [...new Set([...incident.causes.map(({ service }) => service), ...incident.services])]
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        give('true_positive')
      }}
    >
      <Field
        label={say('feedback.cause', 'Service that was the cause')}
        description={say('feedback.cause-hint', 'One of those below, or any other name')}
        noMargin
      >
        <Input
          id="adf-cause"
          list="adf-causes"
          maxLength={MAX_CAUSE}
          value={draft.cause}
          onChange={(event) => change({ ...draft, cause: event.currentTarget.value })}
        />
      </Field>
      <datalist id="adf-causes">
        {services.map((service) => (
          <option key={service} value={service} />
        ))}
      </datalist>
      <Field label={say('feedback.note', 'Note (optional)')} noMargin>
        <TextArea
          id="adf-note"
          rows={3}
          maxLength={MAX_NOTE}
          value={draft.note}
          onChange={(event) => change({ ...draft, note: event.currentTarget.value })}
        />
      </Field>
      <Stack gap={1}>
        <Button type="submit">{say('feedback.send', 'Send as useful')}</Button>
        <Button type="button" variant="secondary" onClick={() => give('false_positive')}>
          {say('feedback.send-noise', 'Send the note as noise')}
        </Button>
      </Stack>
    </form>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  place: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  form: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(1.5),
    padding: theme.spacing(2),
    maxWidth: 560,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
})
