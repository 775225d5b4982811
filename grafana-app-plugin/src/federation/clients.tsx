import type { Client } from '@adf/contract/federation'
import { css } from '@emotion/css'
import { Badge, Button, useStyles2 } from '@grafana/ui'
import { Scrolling } from '../app/scrolling.tsx'
import { tableStyle } from '../app/table-style.ts'
import { Panel } from '../charts/panel.tsx'
import { ShareBar } from '../charts/share-bar.tsx'
import { useFederationClients } from '../data/useFederation.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock, percent, quantity } from '../text/format.ts'
import { say } from '../text/say.ts'

/** Below it a client has had findings that weigh. */
const DOUBTED = 0.9
const reputation = css({ width: 90 })

/** Who takes part, and how far each is trusted. */
export function Clients() {
  const clients = useFederationClients()
  return (
    <Panel title={say('clients.title', 'Clients')}>
      <Answer of={clients}>
        {(items) =>
          items.length === 0 ? (
            <p>
              {say(
                'clients.none',
                'No client has enrolled. adf federation invite makes a one-time token for one: the site puts it into federation.token.',
              )}
            </p>
          ) : (
            <ClientTable clients={items} />
          )
        }
      </Answer>
      {clients.hasNextPage ? (
        <Button
          variant="secondary"
          disabled={clients.isFetchingNextPage}
          onClick={() => clients.fetchNextPage()}
        >
          {say('clients.more', 'More clients')}
        </Button>
      ) : null}
    </Panel>
  )
}

function ClientTable({ clients }: { clients: readonly Client[] }) {
  const styles = useStyles2(tableStyle)
  const now = useNow()
  return (
    <Scrolling label={say('clients.table', 'Who takes part')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('clients.client', 'Client')}</th>
            <th scope="col">{say('clients.standing', 'Standing')}</th>
            <th scope="col">{say('clients.reputation', 'Reputation')}</th>
            <th scope="col">{say('clients.updates', 'Updates')}</th>
            <th scope="col">{say('clients.traffic', 'Bytes up / down')}</th>
            <th scope="col">{say('clients.seen', 'Last seen')}</th>
          </tr>
        </thead>
        <tbody>
          {clients.map((client) => (
            <tr key={client.id}>
              <th scope="row">
                {client.name}
                <div className={styles.weak}>{client.id}</div>
              </th>
              <td>
                <Standing of={client} />
              </td>
              <td>
                <div className={reputation}>
                  {percent(client.reputation)}
                  <ShareBar
                    tone={client.reputation < DOUBTED ? 'bad' : 'plain'}
                    share={client.reputation}
                    label={say('clients.reputation-of', 'Reputation of {{name}}', { name: client.name })}
                  />
                </div>
              </td>
              <td>{updatesOf(client)}</td>
              <td>{`${quantity(client.bytes.up, 'By')} / ${quantity(client.bytes.down, 'By')}`}</td>
              <td>
                {client.last_seen_at === null
                  ? say('clients.never', 'never')
                  : clock(client.last_seen_at, now)}
                <div className={styles.weak}>
                  {client.holding
                    .map(({ run, version }) =>
                      say('clients.holds', '{{run}} at version {{version}}', { run, version }),
                    )
                    .join(', ')}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  )
}

function Standing({ of }: { of: Client }) {
  if (of.state === 'revoked') return <Badge color="red" text={say('clients.revoked', 'revoked')} />
  return (
    <>
      <Badge color="green" text={say('clients.enrolled', 'enrolled')} />
      {of.trusted ? <Badge color="blue" text={say('clients.trusted', 'measure of the others')} /> : null}
    </>
  )
}

const updatesOf = ({ updates }: Client): string =>
  [
    say('clients.counted', '{{aggregated}} counted of {{received}}', updates),
    updates.quarantined === 0 ? '' : say('clients.held', '{{quarantined}} held back', updates),
    updates.rejected === 0 ? '' : say('clients.rejected', '{{rejected}} rejected', updates),
  ]
    .filter((part) => part !== '')
    .join('; ')
