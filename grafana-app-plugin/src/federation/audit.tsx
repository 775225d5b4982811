import type { AuditEntry } from '@adf/contract/federation'
import { css } from '@emotion/css'
import { Alert, Button, useStyles2 } from '@grafana/ui'
import { Scrolling } from '../app/scrolling.tsx'
import { tableStyle } from '../app/table-style.ts'
import { Panel } from '../charts/panel.tsx'
import { useAudit, useAuditProof } from '../data/useFederation.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock } from '../text/format.ts'
import { say } from '../text/say.ts'

const sound = css({ overflowWrap: 'anywhere' })

/** Whether the record of what happened is whole, and its latest lines. */
export function Audit() {
  const proof = useAuditProof()
  const entries = useAudit()
  return (
    <Panel
      title={say('audit.title', 'Audit log')}
      aside={
        <Button
          size="sm"
          variant="secondary"
          icon="sync"
          disabled={proof.isFetching}
          onClick={() => proof.refetch()}
        >
          {say('audit.verify', 'Verify it again')}
        </Button>
      }
    >
      <Answer of={proof}>
        {(answer) =>
          answer.sound ? (
            <p className={sound}>
              {say(
                'audit.whole',
                'Whole when it was verified at {{time}}: {{count}} lines, each sealed by the one after it. Head {{head}}',
                {
                  time: clock(new Date(proof.dataUpdatedAt).toISOString(), Date.now()),
                  count: answer.entries,
                  head: answer.head,
                },
              )}
            </p>
          ) : (
            <Alert
              severity="error"
              title={say('audit.broken', 'The audit log was changed: it is broken at line {{line}}', {
                line: answer.broken_at ?? answer.entries,
              })}
            >
              {answer.reason}
            </Alert>
          )
        }
      </Answer>
      <Answer of={entries}>{(items) => <Entries entries={items} />}</Answer>
      {entries.hasNextPage ? (
        <Button
          variant="secondary"
          disabled={entries.isFetchingNextPage}
          onClick={() => entries.fetchNextPage()}
        >
          {say('audit.more', 'Earlier lines')}
        </Button>
      ) : null}
    </Panel>
  )
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const styles = useStyles2(tableStyle)
  const now = useNow()
  if (entries.length === 0) return <p>{say('audit.none', 'Nothing has happened yet.')}</p>
  return (
    <Scrolling label={say('audit.lines', 'Lines of the audit log')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('audit.when', 'Time')}</th>
            <th scope="col">{say('audit.actor', 'Who')}</th>
            <th scope="col">{say('audit.action', 'What')}</th>
            <th scope="col">{say('audit.subject', 'On what')}</th>
            <th scope="col">{say('audit.detail', 'More')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.sequence}>
              <td className={styles.tight}>{clock(entry.at, now)}</td>
              <td>{entry.actor}</td>
              <td className={styles.tight}>{entry.action}</td>
              <td>{entry.subject}</td>
              <td className={styles.weak}>{detailOf(entry)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  )
}

const MOST = 300

/** Whatever the server noted, as `name=value`, cut where it would fill the page. */
function detailOf({ detail }: AuditEntry): string {
  const text = Object.entries(detail)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text
}
