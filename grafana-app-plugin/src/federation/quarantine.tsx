import type { Update } from '@adf/contract/federation'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { Panel } from '../charts/panel.tsx'
import { useUpdates } from '../data/useFederation.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock, percent, quantity } from '../text/format.ts'
import { say } from '../text/say.ts'
import { Review } from './review.tsx'

/** Updates that look poisoned, with why, and the two ways out. */
export function Quarantine() {
  const styles = useStyles2(stylesOf)
  const updates = useUpdates('quarantined')
  // Outlives the row that it is about.
  const [done, setDone] = useState('')
  return (
    <Panel title={say('quarantine.title', 'Held back for a review')}>
      <Answer of={updates}>
        {(items) =>
          items.length === 0 ? (
            <p>
              {say(
                'quarantine.none',
                'Nothing: no update looked poisoned, or each was released or rejected.',
              )}
            </p>
          ) : (
            <ul className={styles.list}>
              {items.map((update) => (
                <li key={update.id}>
                  <Held update={update} />
                  <Review update={update} done={setDone} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      <div role="status">{done}</div>
      {updates.hasNextPage ? (
        <Button
          variant="secondary"
          disabled={updates.isFetchingNextPage}
          onClick={() => updates.fetchNextPage()}
        >
          {say('quarantine.more', 'Earlier ones')}
        </Button>
      ) : null}
    </Panel>
  )
}

function Held({ update }: { update: Update }) {
  const styles = useStyles2(stylesOf)
  const now = useNow()
  const { client, run, round, samples, bytes, norm, received_at, reason, findings } = update
  return (
    <>
      <strong>
        {say('quarantine.update', '{{client}}, round {{round}} of {{run}}', { client, round, run })}
      </strong>
      <div className={styles.weak}>
        {[
          clock(received_at, now),
          say('quarantine.samples', 'trained on {{count}} vectors', { count: quantity(samples, '') }),
          quantity(bytes, 'By'),
          norm === null
            ? ''
            : say('quarantine.norm', 'length {{norm}}', { norm: Number(norm.toPrecision(3)) }),
        ]
          .filter((part) => part !== '')
          .join(' · ')}
      </div>
      {reason === null ? null : <p className={styles.reason}>{reason}</p>}
      <ul className={styles.findings}>
        {findings.map(({ kind, suspicion, text }) => (
          <li key={`${kind} ${text}`}>
            {say('quarantine.finding', '{{kind}} (suspicion {{share}}): {{text}}', {
              kind,
              share: percent(suspicion),
              text,
            })}
          </li>
        ))}
      </ul>
    </>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({
    listStyle: 'none',
    margin: 0,
    overflowWrap: 'anywhere',
    '& > li': { padding: theme.spacing(1, 0), borderTop: `1px solid ${theme.colors.border.weak}` },
    '& > li:first-of-type': { borderTop: 0 },
  }),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  reason: css({ margin: theme.spacing(0.5, 0) }),
  findings: css({ margin: theme.spacing(0.5, 0, 1), paddingLeft: theme.spacing(2.5) }),
})
