import type { ThresholdChange } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, TextLink, useStyles2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { PermittedButton } from '../app/permitted-button.tsx'
import { Panel } from '../charts/panel.tsx'
import { useRollback, useThresholdHistory } from '../data/useThresholds.ts'
import { Answer } from '../states/answer.tsx'
import { Trouble } from '../states/trouble.tsx'
import { useNow } from '../states/use-now.ts'
import { clock } from '../text/format.ts'
import { say } from '../text/say.ts'

/** Each change of a threshold: who, when, why; and the way back. */
export function Changes({ of }: { of: { readonly stream?: string; readonly entity?: string } }) {
  const styles = useStyles2(stylesOf)
  const now = useNow()
  const history = useThresholdHistory(of)
  const rollback = useRollback()
  const back = ({ stream, entity_id, version }: ThresholdChange) =>
    rollback.mutate({ stream, entity_id, to_version: version - 1 })
  return (
    <Panel title={say('changes.title', 'Changes of thresholds')}>
      {rollback.error === null ? null : <Trouble error={rollback.error} />}
      <div role="status">{rollback.data === undefined ? null : toldOf(rollback.data.changes.length)}</div>
      <Answer of={history}>
        {(items) =>
          items.length === 0 ? (
            <p>{say('changes.none-yet', 'None: every threshold is as it was at first.')}</p>
          ) : (
            <ul className={styles.list}>
              {items.map((change) => (
                <li key={change.version}>
                  <span>
                    <span className={styles.weak}>{clock(change.at, now)}</span>{' '}
                    {of.entity === undefined ? (
                      <>
                        <TextLink
                          href={links.thresholds({ stream: change.stream, entity: change.entity_id })}
                        >
                          {change.entity_id}
                        </TextLink>
                        {': '}
                      </>
                    ) : null}
                    {sentenceOf(change)}
                  </span>
                  <PermittedButton
                    action="thresholds:write"
                    size="sm"
                    variant="secondary"
                    fill="outline"
                    icon="history"
                    disabled={rollback.isPending}
                    onClick={() => back(change)}
                  >
                    {say('changes.back', 'Back to before version {{version}}', { version: change.version })}
                  </PermittedButton>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {history.hasNextPage ? (
        <Button
          variant="secondary"
          disabled={history.isFetchingNextPage}
          onClick={() => history.fetchNextPage()}
        >
          {say('changes.more', 'Earlier changes')}
        </Button>
      ) : null}
    </Panel>
  )
}

const toldOf = (changes: number): string =>
  changes === 0
    ? say('changes.as-before', 'It was so already: nothing changed.')
    : say('changes.taken-back', 'Taken back. This is a change too: it can itself be taken back.')

function sentenceOf({ from, to, source, by, reason }: ThresholdChange): string {
  const value = (of: number | null) =>
    of === null ? say('changes.initial', 'the initial threshold') : of.toFixed(2)
  const who = {
    operator: say('changes.operator', 'operator'),
    tuner: say('changes.tuner', 'tuner'),
    rollback: say('changes.rollback', 'taken back'),
  }[source]
  const sentence = say('changes.sentence', 'from {{from}} to {{to}} ({{who}})', {
    from: value(from),
    to: value(to),
    who: by === null ? who : `${who}, ${by}`,
  })
  return reason === null ? sentence : `${sentence}: ${reason}`
}

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({
    listStyle: 'none',
    margin: 0,
    overflowWrap: 'anywhere',
    li: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1),
      justifyContent: 'space-between',
      padding: theme.spacing(0.5, 0),
    },
  }),
  weak: css({ color: theme.colors.text.secondary }),
})
