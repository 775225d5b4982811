import type { Run } from '@adf/contract/federation'
import { Badge, Button, useStyles2 } from '@grafana/ui'
import { Scrolling } from '../app/scrolling.tsx'
import { tableStyle } from '../app/table-style.ts'
import { Panel } from '../charts/panel.tsx'
import { quantity } from '../text/format.ts'
import { say } from '../text/say.ts'
import { runState } from './words.ts'

interface RunsProps {
  readonly runs: readonly Run[]
  readonly chosen: string | undefined
  readonly choose: (run: string) => void
}

/** What is trained: one row for each run; the chosen one's rounds stand below. */
export function Runs({ runs, chosen, choose }: RunsProps) {
  const styles = useStyles2(tableStyle)
  return (
    <Panel title={say('runs.title', 'Runs')}>
      {runs.length === 0 ? (
        <p>{say('runs.none', 'No run is configured: federated.runs of its configuration names them.')}</p>
      ) : (
        <Scrolling label={say('runs.table', 'What is trained')}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{say('runs.run', 'Run')}</th>
                <th scope="col">{say('runs.state', 'State')}</th>
                <th scope="col">{say('runs.progress', 'Rounds')}</th>
                <th scope="col">{say('runs.traffic', 'Bytes up / down')}</th>
                <th scope="col">{say('runs.how', 'How')}</th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <tr key={run.run}>
                  <th scope="row">
                    <Button
                      size="sm"
                      variant="secondary"
                      fill={run.run === chosen ? 'solid' : 'text'}
                      aria-pressed={run.run === chosen}
                      onClick={() => choose(run.run)}
                    >
                      {run.run}
                    </Button>
                    <div className={styles.weak}>
                      {say('runs.model', '{{network}} of the stream {{stream}}, {{count}} features', {
                        network: run.model.network.kind,
                        stream: run.model.stream,
                        count: run.model.features.length,
                      })}
                    </div>
                  </th>
                  <td className={styles.tight}>
                    <Badge color={run.state === 'running' ? 'green' : 'blue'} text={runState(run.state)} />
                    <div className={styles.weak}>
                      {say('runs.version', 'version {{version}}', { version: run.version })}
                    </div>
                  </td>
                  <td className={styles.tight}>
                    {say('runs.committed', '{{committed}} of {{planned}}', {
                      committed: run.rounds.committed,
                      planned: run.rounds.planned,
                    })}
                    {run.rounds.abandoned === 0 ? null : (
                      <div className={styles.weak}>
                        {say('runs.abandoned', '{{count}} abandoned', { count: run.rounds.abandoned })}
                      </div>
                    )}
                  </td>
                  <td>{`${quantity(run.bytes.up, 'By')} / ${quantity(run.bytes.down, 'By')}`}</td>
                  <td className={styles.weak}>{howOf(run)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolling>
      )}
    </Panel>
  )
}

function howOf({ aggregator, min_clients_per_round, secure_aggregation, privacy }: Run): string {
  return [
    aggregator,
    say('runs.least', 'at least {{count}} clients a round', { count: min_clients_per_round }),
    secure_aggregation
      ? say('runs.secure', 'secure aggregation: the server sees no single update')
      : say('runs.open', 'the server sees each update'),
    privacy === null
      ? say('runs.no-noise', 'no noise for privacy')
      : say('runs.privacy', 'privacy spent: ε {{epsilon}} at δ {{delta}}', {
          epsilon: privacy.epsilon.toPrecision(3),
          delta: privacy.delta.toExponential(0),
        }),
  ].join(' · ')
}
