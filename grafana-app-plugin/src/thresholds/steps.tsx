import type { TunerStep } from '@adf/contract/feedback'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Badge, type BadgeColor, Button, TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { Panel } from '../charts/panel.tsx'
import { useTunerSteps } from '../data/useTuner.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock } from '../text/format.ts'
import { say } from '../text/say.ts'

/** What the tuner did, in its own sentences, the latest first. */
export function Steps({ of }: { of: { readonly stream?: string; readonly entity?: string } }) {
  const styles = useStyles2(stylesOf)
  const now = useNow()
  const steps = useTunerSteps(of, true)
  return (
    <Panel title={say('steps.title', 'What the tuner did')}>
      <Answer of={steps}>
        {(items) =>
          items.length === 0 ? (
            <p>
              {say(
                'steps.none',
                'Nothing yet: a step needs verdicts (20, unless it is set otherwise) or six hours, and a reason.',
              )}
            </p>
          ) : (
            <ul className={styles.list}>
              {items.map((step) => (
                <li key={step.id}>
                  <Step of={step} now={now} named={of.entity === undefined} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {steps.hasNextPage ? (
        <Button variant="secondary" disabled={steps.isFetchingNextPage} onClick={() => steps.fetchNextPage()}>
          {say('steps.more', 'Earlier steps')}
        </Button>
      ) : null}
    </Panel>
  )
}

function Step({ of, now, named }: { of: TunerStep; now: number; named: boolean }) {
  const styles = useStyles2(stylesOf)
  return (
    <>
      <span className={styles.weak}>{clock(of.at, now)}</span>{' '}
      <Badge color={OUTCOME[of.outcome].color} text={OUTCOME[of.outcome].text()} />{' '}
      {named ? (
        <>
          <TextLink href={links.thresholds({ stream: of.stream, entity: of.entity_id })}>
            {of.entity_id}
          </TextLink>
          {': '}
        </>
      ) : null}
      {of.text}
      {of.explored ? ` ${say('steps.explored', 'Tried by chance, to learn.')}` : null}
      {of.seen === null
        ? null
        : ` ${say('steps.seen', 'Since then: {{alerts}} alerts, {{useful}} useful, {{noise}} noise.', {
            alerts: Math.round(of.seen.alerts),
            useful: Math.round(of.seen.useful),
            noise: Math.round(of.seen.noise),
          })}`}
    </>
  )
}

const OUTCOME: Readonly<Record<TunerStep['outcome'], { color: BadgeColor; text: () => string }>> = {
  applied: { color: 'blue', text: () => say('steps.applied', 'applied') },
  pending: { color: 'orange', text: () => say('steps.pending', 'on its way') },
  dry_run: { color: 'purple', text: () => say('steps.dry-run', 'dry run') },
  refused: { color: 'orange', text: () => say('steps.refused', 'refused by a guardrail') },
  rolled_back: { color: 'red', text: () => say('steps.rolled-back', 'taken back') },
}

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({
    listStyle: 'none',
    margin: 0,
    overflowWrap: 'anywhere',
    li: { padding: theme.spacing(0.5, 0) },
  }),
  weak: css({ color: theme.colors.text.secondary }),
})
