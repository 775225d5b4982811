import type { TunerStatus } from '@adf/contract/feedback'
import { Alert, Stack } from '@grafana/ui'
import { PermittedButton } from '../app/permitted-button.tsx'
import { useFreeze, useTuner } from '../data/useTuner.ts'
import { Answer } from '../states/answer.tsx'
import { Trouble } from '../states/trouble.tsx'
import { useNow } from '../states/use-now.ts'
import { duration } from '../text/duration.ts'
import { say } from '../text/say.ts'

/** Whether the tuner works, what keeps it from it, and the button that stops it. */
export function TunerState() {
  const tuner = useTuner(true)
  return <Answer of={tuner}>{(status) => <State status={status} />}</Answer>
}

function State({ status }: { status: TunerStatus }) {
  const now = useNow()
  const freeze = useFreeze()
  const { frozen } = status
  return (
    <>
      <Stack gap={2} alignItems="center" wrap="wrap">
        <span>{sentenceOf(status, now)}</span>
        <PermittedButton
          action="thresholds:write"
          size="sm"
          variant="secondary"
          icon={frozen ? 'play' : 'pause'}
          disabled={freeze.isPending}
          onClick={() => freeze.mutate({ frozen: !frozen })}
        >
          {frozen ? say('tuner.thaw', 'Let the tuner go on') : say('tuner.freeze', 'Freeze the tuner')}
        </PermittedButton>
      </Stack>
      {freeze.error === null ? null : <Trouble error={freeze.error} />}
      {status.problems.map((problem) => (
        <Alert key={problem} severity="warning" title={say('tuner.problem', 'The tuner is held up')}>
          {problem}
        </Alert>
      ))}
    </>
  )
}

function sentenceOf(status: TunerStatus, now: number): string {
  const verdicts = status.pools.reduce((sum, pool) => sum + pool.verdicts, 0)
  const state = status.frozen
    ? status.frozen_reason === null
      ? say('tuner.frozen', 'The tuner is frozen')
      : say('tuner.frozen-because', 'The tuner is frozen: {{reason}}', { reason: status.frozen_reason })
    : status.dry_run
      ? say('tuner.dry', 'The tuner only says what it would do (dry run)')
      : say('tuner.works', 'The tuner works')
  const learned =
    verdicts === 0
      ? say(
          'tuner.no-verdicts',
          'nobody has given a verdict yet: Useful and Noise on an incident are what it learns from',
        )
      : say('tuner.verdicts', 'verdicts that it knows: {{count}}', { count: verdicts })
  const last =
    status.last_step_at === null
      ? say('tuner.no-step', 'it has decided nothing so far')
      : say('tuner.last-step', 'its last decision was {{duration}} ago', {
          duration: duration(now - Date.parse(status.last_step_at)),
        })
  return say('tuner.sentence', '{{state}} ({{policy}}); {{learned}}; {{last}}.', {
    state,
    policy: status.policy,
    learned,
    last,
  })
}

/** Where no Alertmanager webhook is known: thresholds can be seen and set, nothing moves them. */
export const NoTuner = () => (
  <Alert severity="info" title={say('tuner.none', 'No tuner is connected')}>
    {say(
      'tuner.none-advice',
      'It is part of the Alertmanager webhook: start it with adf up --webhook, or put its address into the settings. Thresholds can be seen, set and taken back without it.',
    )}
  </Alert>
)
