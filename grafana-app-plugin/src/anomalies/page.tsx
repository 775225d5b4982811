import type { Anomaly } from '@adf/contract'
import { PluginPage } from '@grafana/runtime'
import { Button, Field, Input, Stack } from '@grafana/ui'
import { useState } from 'react'
import { useQueryState } from '../app/use-query-state.ts'
import { useAnomalies } from '../data/useAnomalies.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { say } from '../text/say.ts'
import { ScoreOverTime } from './score-over-time.tsx'
import { AnomalyTable } from './table.tsx'

const PAGE = 50
const NONE: readonly Anomaly[] = []

/** Everything that was over its threshold, newest first, by stream, entity and score. The filter is in the address. */
export default function AnomaliesPage() {
  const now = useNow()
  const [stream, setStream] = useQueryState('stream')
  const [entity, setEntity] = useQueryState('entity')
  const [score, setScore] = useQueryState('min_score')
  const anomalies = useAnomalies({ stream, entity, min_score: score, limit: PAGE })
  const filtered = stream !== undefined || entity !== undefined || score !== undefined
  return (
    <PluginPage pageNav={{ text: say('anomalies.title', 'Anomalies') }}>
      <Stack gap={2} wrap="wrap" alignItems="flex-end">
        <Filter
          key={`stream ${stream}`}
          id="adf-stream"
          label={say('anomalies.filter-stream', 'Stream')}
          hint="service"
          value={stream}
          set={setStream}
        />
        <Filter
          key={`entity ${entity}`}
          id="adf-entity"
          label={say('anomalies.filter-entity', 'Entity')}
          hint="shop/payment/payment-1"
          value={entity}
          set={setEntity}
        />
        <Filter
          key={`score ${score}`}
          id="adf-score"
          label={say('anomalies.filter-score', 'Score from (0 to 1)')}
          hint="0.8"
          value={score}
          set={setScore}
          valid={(text) => text === '' || (Number(text) >= 0 && Number(text) <= 1)}
        />
      </Stack>
      <ScoreOverTime stream={stream} entity={entity} anomalies={anomalies.data ?? NONE} />
      <Answer of={anomalies}>
        {(items) =>
          items.length === 0 ? (
            <p>
              {filtered
                ? say('anomalies.none-such', 'No anomaly fits this filter.')
                : say(
                    'anomalies.none',
                    'No anomaly so far. Entities are scored once they are past their warm-up: see the overview.',
                  )}
            </p>
          ) : (
            <AnomalyTable anomalies={items} now={now} />
          )
        }
      </Answer>
      {anomalies.hasNextPage ? (
        <Button
          variant="secondary"
          disabled={anomalies.isFetchingNextPage}
          onClick={() => anomalies.fetchNextPage()}
        >
          {say('anomalies.more', 'Older ones')}
        </Button>
      ) : null}
    </PluginPage>
  )
}

function Filter(props: {
  id: string
  label: string
  hint: string
  value: string | undefined
  set: (value: string | undefined) => void
  valid?: (text: string) => boolean
}) {
  const [text, setText] = useState(props.value ?? '')
  const valid = props.valid?.(text) ?? true
  const settle = () => {
    if (valid) props.set(text.trim())
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        settle()
      }}
    >
      <Field
        label={props.label}
        htmlFor={props.id}
        invalid={!valid}
        error={valid ? undefined : say('anomalies.filter-invalid', 'Give a number from 0 to 1.')}
      >
        <Input
          id={props.id}
          value={text}
          placeholder={props.hint}
          onChange={(event) => setText(event.currentTarget.value)}
          onBlur={settle}
        />
      </Field>
    </form>
  )
}
