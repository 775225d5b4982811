import type { EntityStatus } from '@adf/contract'
import { PluginPage } from '@grafana/runtime'
import { Alert, Stack, TextLink } from '@grafana/ui'
import { useParams } from 'react-router'
import { AnomalyTable } from '../anomalies/table.tsx'
import { links } from '../app/links.ts'
import { Panel } from '../charts/panel.tsx'
import { useAnomalies } from '../data/useAnomalies.ts'
import { useEntities } from '../data/useEntities.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock, quantity } from '../text/format.ts'
import { say } from '../text/say.ts'
import { StreamPanel } from './streams.tsx'

const PAGE = 20

/** One entity: what is measured of it, what is missing and why, and what was odd lately. */
export default function EntityPage() {
  const { id = '' } = useParams()
  const entities = useEntities()
  return (
    <PluginPage
      pageNav={{ text: id, parentItem: { text: say('entities.title', 'Entities'), url: links.entities } }}
    >
      <Stack direction="column" gap={2}>
        <Answer of={entities}>
          {({ items }) => {
            const one = items.find(({ entity }) => entity.id === id)
            return one === undefined ? (
              <Alert severity="info" title={say('entity.gone', 'ADF sees nothing of this entity now')}>
                {say('entity.gone-advice', 'It may have ended. What was odd about it before is below.')}
              </Alert>
            ) : (
              <Status of={one} />
            )
          }}
        </Answer>
        <Recent id={id} />
      </Stack>
    </PluginPage>
  )
}

function Status({ of }: { of: EntityStatus }) {
  const now = useNow()
  const facts = [
    say('entity.last-seen', 'last seen {{time}}', { time: clock(of.last_seen, now) }),
    of.delay_ms === null
      ? ''
      : say('entity.delay', 'its windows wait {{delay}} for late telemetry', {
          delay: quantity(of.delay_ms, 'ms'),
        }),
    of.skew_ms === 0
      ? ''
      : say('entity.skew', 'its clock is off by {{skew}}', { skew: quantity(of.skew_ms, 'ms') }),
  ].filter((fact) => fact !== '')
  return (
    <Stack direction="column" gap={2}>
      {of.problem === null ? null : (
        <Alert severity="warning" title={say('entity.problem', 'Something is wrong with its telemetry')}>
          {of.problem}
        </Alert>
      )}
      <p style={{ margin: 0 }}>{facts.join('; ')}</p>
      {of.entity.service === undefined ? null : (
        <TextLink
          href={links.graph(
            of.entity.namespace === undefined
              ? of.entity.service
              : `${of.entity.namespace}/${of.entity.service}`,
          )}
          inline={false}
        >
          {say('entity.graph', 'its place in the causal graph')}
        </TextLink>
      )}
      {of.streams.map((stream) => (
        <StreamPanel key={stream.stream} entity={of.entity.id} of={stream} />
      ))}
    </Stack>
  )
}

function Recent({ id }: { id: string }) {
  const now = useNow()
  const anomalies = useAnomalies({ entity: id, limit: PAGE })
  return (
    <Panel
      title={say('entity.anomalies', 'Latest anomalies')}
      aside={
        <TextLink href={links.anomalies({ entity: id })} inline={false}>
          {say('entity.all-anomalies', 'all of them')}
        </TextLink>
      }
    >
      <Answer of={anomalies}>
        {(items) =>
          items.length === 0 ? (
            <p>{say('entity.no-anomalies', 'None so far.')}</p>
          ) : (
            <AnomalyTable anomalies={items} now={now} />
          )
        }
      </Answer>
    </Panel>
  )
}
