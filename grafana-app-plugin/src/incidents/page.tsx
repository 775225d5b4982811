import { PluginPage } from '@grafana/runtime'
import { Button, RadioButtonGroup } from '@grafana/ui'
import { useQueryState } from '../app/use-query-state.ts'
import { useIncidents } from '../data/useIncidents.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { say } from '../text/say.ts'
import { IncidentRow } from './row.tsx'

const PAGE = 50

/** All incidents that ADF keeps, newest first. */
export default function IncidentsPage() {
  const now = useNow()
  const [given, setState] = useQueryState('state')
  const state = given === 'open' || given === 'resolved' ? given : undefined
  const incidents = useIncidents({ ...(state !== undefined && { state }), limit: PAGE })
  return (
    <PluginPage
      pageNav={{ text: say('incidents.title', 'Incidents') }}
      actions={
        <RadioButtonGroup
          aria-label={say('incidents.state', 'Which incidents')}
          options={[
            { label: say('incidents.all', 'All'), value: '' },
            { label: say('incidents.open', 'Open'), value: 'open' },
            { label: say('incidents.over', 'Over'), value: 'resolved' },
          ]}
          value={state ?? ''}
          onChange={setState}
        />
      }
    >
      <Answer of={incidents}>
        {(items) =>
          items.length === 0 ? (
            <p>
              {state === undefined
                ? say(
                    'incidents.none',
                    'No incident so far. ADF opens one when a service behaves unlike itself.',
                  )
                : say('incidents.none-such', 'There is none of these.')}
            </p>
          ) : (
            <ul style={{ listStyle: 'none' }}>
              {items.map((incident) => (
                <IncidentRow key={incident.id} incident={incident} now={now} />
              ))}
            </ul>
          )
        }
      </Answer>
      {incidents.hasNextPage ? (
        <Button
          variant="secondary"
          disabled={incidents.isFetchingNextPage}
          onClick={() => incidents.fetchNextPage()}
        >
          {say('incidents.more', 'Older ones')}
        </Button>
      ) : null}
    </PluginPage>
  )
}
