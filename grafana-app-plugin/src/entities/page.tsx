import type { EntityStatus } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { PluginPage } from '@grafana/runtime'
import { Button, TextLink, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { links } from '../app/links.ts'
import { Scrolling } from '../app/scrolling.tsx'
import { tableRules } from '../app/table-style.ts'
import { useQueryState } from '../app/use-query-state.ts'
import { useEntities } from '../data/useEntities.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock } from '../text/format.ts'
import { say } from '../text/say.ts'

const STEP = 100

/** Everything that is scored, those with a problem or over their threshold first. */
export default function EntitiesPage() {
  const [service, setService] = useQueryState('service')
  const entities = useEntities(service === undefined ? {} : { service })
  return (
    <PluginPage pageNav={{ text: say('entities.title', 'Entities') }}>
      {service === undefined ? null : (
        <Button size="sm" variant="secondary" icon="times" onClick={() => setService(undefined)}>
          {say('entities.of-service', 'of the service {{service}}', { service })}
        </Button>
      )}
      <Answer of={entities}>
        {({ items, complete }) =>
          items.length === 0 ? (
            <p>{say('entities.none', 'Nothing is watched yet. The overview says how to send telemetry.')}</p>
          ) : (
            <>
              <EntityTable entities={items} />
              {complete ? null : (
                <p>
                  {say('entities.many', 'There are more than {{count}}; choose one in the causal graph.', {
                    count: items.length,
                  })}
                </p>
              )}
            </>
          )
        }
      </Answer>
    </PluginPage>
  )
}

const isOver = ({ streams }: EntityStatus) =>
  streams.some(({ score, threshold }) => score !== null && score >= threshold)
const urgency = (one: EntityStatus) => (isOver(one) ? 2 : 0) + (one.problem === null ? 0 : 1)

function EntityTable({ entities }: { entities: readonly EntityStatus[] }) {
  const styles = useStyles2(stylesOf)
  const now = useNow()
  const [shown, setShown] = useState(STEP)
  const sorted = entities.toSorted(
    (a, b) => urgency(b) - urgency(a) || a.entity.id.localeCompare(b.entity.id),
  )
  return (
    <Scrolling label={say('entities.title', 'Entities')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('entities.entity', 'Entity')}</th>
            <th scope="col">{say('entities.state', 'State')}</th>
            <th scope="col">{say('entities.seen', 'Last seen')}</th>
            <th scope="col">{say('entities.problem', 'Telemetry')}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, shown).map((one) => (
            <tr key={one.entity.id}>
              <th scope="row">
                <TextLink href={links.entity(one.entity.id)}>{one.entity.id}</TextLink>
              </th>
              <td>{one.streams.map(stateOf).join('; ')}</td>
              <td>{clock(one.last_seen, now)}</td>
              <td>{one.problem ?? say('entities.fine', 'fine')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > shown ? (
        <Button variant="secondary" onClick={() => setShown(shown + STEP)}>
          {say('entities.more', '{{count}} more', { count: sorted.length - shown })}
        </Button>
      ) : null}
    </Scrolling>
  )
}

function stateOf({
  stream,
  state,
  learned,
  warm_up,
  score,
  threshold,
}: EntityStatus['streams'][number]): string {
  if (state === 'warming_up')
    return say('entities.learning', '{{stream}}: learning, {{learned}} of {{needed}}', {
      stream,
      learned,
      needed: warm_up,
    })
  if (score === null) return say('entities.scored', '{{stream}}: scored', { stream })
  return score >= threshold
    ? say('entities.over', '{{stream}}: anomalous, {{score}} over {{threshold}}', {
        stream,
        score: score.toFixed(2),
        threshold: threshold.toFixed(2),
      })
    : say('entities.normal', '{{stream}}: normal, {{score}} under {{threshold}}', {
        stream,
        score: score.toFixed(2),
        threshold: threshold.toFixed(2),
      })
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css(tableRules(theme)),
})
