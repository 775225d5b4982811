import type { Round, Run } from '@adf/contract/federation'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, useStyles2 } from '@grafana/ui'
import { useMemo } from 'react'
import { Scrolling } from '../app/scrolling.tsx'
import { tableStyle } from '../app/table-style.ts'
import { Panel } from '../charts/panel.tsx'
import { TimeChart } from '../charts/time-chart.tsx'
import { useRounds } from '../data/useFederation.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock, quantity } from '../text/format.ts'
import { say } from '../text/say.ts'
import { seriesOf } from './series.ts'
import { roundState } from './words.ts'

/** Rounds of one run over time: quality, who took part, traffic, duration; the same as rows. */
export function Rounds({ run: { run } }: { run: Run }) {
  const rounds = useRounds(run)
  return (
    <Panel title={say('rounds.title', 'Rounds of {{run}}', { run })}>
      <Answer of={rounds}>
        {(items) =>
          items.length === 0 ? (
            <p>{say('rounds.none', 'No round has begun: it waits for enough clients to ask for work.')}</p>
          ) : (
            <>
              <Charts rounds={items} />
              <RoundTable rounds={items} />
            </>
          )
        }
      </Answer>
      {rounds.hasNextPage ? (
        <Button
          variant="secondary"
          disabled={rounds.isFetchingNextPage}
          onClick={() => rounds.fetchNextPage()}
        >
          {say('rounds.more', 'Earlier rounds')}
        </Button>
      ) : null}
    </Panel>
  )
}

function Charts({ rounds }: { rounds: readonly Round[] }) {
  const styles = useStyles2(stylesOf)
  const charts = useMemo(() => chartsOf(rounds), [rounds])
  return (
    <div className={styles.charts}>
      {charts.map(({ title, ...chart }) => (
        <div key={title} className={styles.chart}>
          <h3 className={styles.heading}>{title}</h3>
          <TimeChart {...chart} label={title} min={0} />
        </div>
      ))}
    </div>
  )
}

function chartsOf(rounds: readonly Round[]) {
  const { times, loss, selected, received, used, up, down, duration } = seriesOf(rounds)
  const line = (name: string, values: readonly (number | null)[], color: string) => ({ name, values, color })
  return [
    {
      title: say('rounds.quality', 'Error of the shared model on data held out (less is better)'),
      times,
      unit: 'short',
      series: [line(say('rounds.loss', 'mean square error'), loss, 'semi-dark-blue')],
    },
    {
      title: say('rounds.participation', 'Clients that took part'),
      times,
      unit: 'short',
      series: [
        line(say('rounds.selected', 'selected'), selected, 'semi-dark-purple'),
        line(say('rounds.received', 'sent an update'), received, 'semi-dark-blue'),
        line(say('rounds.used', 'counted'), used, 'semi-dark-green'),
      ],
    },
    {
      title: say('rounds.bytes', 'Bytes each way'),
      times,
      unit: 'bytes',
      series: [
        line(say('rounds.up', 'up, from clients'), up, 'semi-dark-blue'),
        line(say('rounds.down', 'down, to clients'), down, 'semi-dark-orange'),
      ],
    },
    {
      title: say('rounds.duration', 'How long a round took'),
      times,
      unit: 'ms',
      series: [line(say('rounds.took', 'from opening to end'), duration, 'semi-dark-blue')],
    },
  ]
}

function RoundTable({ rounds }: { rounds: readonly Round[] }) {
  const styles = useStyles2(tableStyle)
  const now = useNow()
  return (
    <details>
      <summary>{say('rounds.list', 'All {{count}} rounds as a list', { count: rounds.length })}</summary>
      <Scrolling label={say('rounds.table', 'Rounds')}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{say('rounds.round', 'Round')}</th>
              <th scope="col">{say('rounds.state', 'State')}</th>
              <th scope="col">{say('rounds.updates', 'Updates')}</th>
              <th scope="col">{say('rounds.traffic', 'Bytes up / down')}</th>
              <th scope="col">{say('rounds.error', 'Error')}</th>
              <th scope="col">{say('rounds.ended', 'Ended')}</th>
            </tr>
          </thead>
          <tbody>
            {rounds.map((round) => (
              <tr key={round.round}>
                <th scope="row">{round.round}</th>
                <td>
                  {roundState(round.state)}
                  {round.reason === null ? null : <div className={styles.weak}>{round.reason}</div>}
                </td>
                <td>{updatesOf(round)}</td>
                <td>{`${quantity(round.bytes.up, 'By')} / ${quantity(round.bytes.down, 'By')}`}</td>
                <td>{round.loss === null ? '–' : round.loss.toPrecision(3)}</td>
                <td>{round.closed_at === null ? '–' : clock(round.closed_at, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolling>
    </details>
  )
}

function updatesOf({ selected, received, used, late, left_out }: Round): string {
  return [
    say('rounds.counted', '{{used}} counted of {{received}}, asked of {{selected}}', {
      used,
      received,
      selected,
    }),
    late === 0 ? '' : say('rounds.late', '{{count}} late', { count: late }),
    ...Object.entries(left_out).map(([reason, count]) => `${count} ${reason}`),
  ]
    .filter((part) => part !== '')
    .join('; ')
}

const stylesOf = (theme: GrafanaTheme2) => ({
  charts: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(2, minmax(0, 1fr))',
    gap: theme.spacing(2),
    marginBottom: theme.spacing(1),
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  chart: css({ minWidth: 0 }),
  heading: css({ fontSize: theme.typography.h6.fontSize, margin: theme.spacing(0, 0, 0.5) }),
})
