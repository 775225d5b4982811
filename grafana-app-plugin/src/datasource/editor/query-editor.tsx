import type { QueryEditorProps } from '@grafana/data'
import { Combobox, InlineField, Input, Stack } from '@grafana/ui'
import { say } from '../../text/say.ts'
import { DEFAULT_LIMIT, FIELDS, Kind, MAX_LIMIT, type Question } from '../query.ts'
import type { AdfQuery, AdfSource, AdfSourceOptions } from '../settings.ts'
import { kindName } from './names.ts'

const LABEL = 18

interface TextField {
  readonly field: 'stream' | 'entity' | 'service' | 'incident' | 'minScore'
  readonly label: string
  readonly hint: string
}

const textFields = (): readonly TextField[] => [
  {
    field: 'stream',
    label: say('query.stream', 'Stream'),
    hint: say('query.stream-hint', 'service, host, or one of your own; empty: all'),
  },
  {
    field: 'entity',
    label: say('query.entity', 'Entity'),
    hint: say('query.entity-hint', 'its id, as the page Entities has it'),
  },
  {
    field: 'service',
    label: say('query.service', 'Service'),
    hint: say('query.service-hint', 'empty: all'),
  },
  {
    field: 'incident',
    label: say('query.incident', 'Incident'),
    hint: say(
      'query.incident-hint',
      'its id; empty: of causes the newest of the time range, an open one first; of anomalies all',
    ),
  },
  {
    field: 'minScore',
    label: say('query.min-score', 'Score from'),
    hint: say('query.min-score-hint', '0 to 1; 0.5 is one in a thousand'),
  },
]

const states = () => [
  { value: '', label: say('query.state-all', 'all') },
  { value: 'open', label: say('query.state-open', 'open') },
  { value: 'resolved', label: say('query.state-resolved', 'over') },
  { value: 'merged', label: say('query.state-merged', 'part of another') },
]

/** What is asked, and the fields that it goes by. Every text may have variables in it. */
export default function QueryEditor(props: QueryEditorProps<AdfSource, AdfQuery, AdfSourceOptions>) {
  const { query, onChange, onRunQuery } = props
  const kind = query.kind ?? 'incidents'
  const fields: readonly (keyof Question)[] = FIELDS[kind]
  const set = (change: Partial<AdfQuery>) => {
    onChange({ ...query, ...change })
    onRunQuery()
  }
  const id = (name: string) => `adf-${query.refId}-${name}`
  return (
    <Stack direction="row" wrap="wrap" gap={0.5}>
      <InlineField label={say('query.what', 'What')} labelWidth={LABEL}>
        <Combobox
          id={id('kind')}
          width={34}
          options={Kind.options.map((value) => ({ value, ...kindName(value) }))}
          value={kind}
          onChange={({ value }) => set({ kind: value })}
        />
      </InlineField>
      {textFields()
        .filter(({ field }) => fields.includes(field))
        .map(({ field, label, hint }) => (
          <InlineField key={field} label={label} labelWidth={LABEL} tooltip={hint}>
            <Input
              id={id(field)}
              width={30}
              defaultValue={query[field] ?? ''}
              onBlur={(event) => set({ [field]: event.currentTarget.value.trim() })}
              onKeyDown={(event) => {
                if (event.key === 'Enter') set({ [field]: event.currentTarget.value.trim() })
              }}
            />
          </InlineField>
        ))}
      {fields.includes('state') ? (
        <InlineField label={say('query.state', 'State')} labelWidth={LABEL}>
          <Combobox
            id={id('state')}
            width={22}
            options={states()}
            value={query.state ?? ''}
            onChange={({ value }) => set({ state: stateOf(value) })}
          />
        </InlineField>
      ) : null}
      {fields.includes('limit') ? (
        <InlineField
          label={say('query.limit', 'Rows at most')}
          labelWidth={LABEL}
          tooltip={say('query.limit-hint', '{{most}} at most', { most: MAX_LIMIT })}
        >
          <Input
            id={id('limit')}
            width={12}
            type="number"
            min={1}
            max={MAX_LIMIT}
            defaultValue={query.limit ?? DEFAULT_LIMIT}
            onBlur={(event) => set({ limit: event.currentTarget.valueAsNumber || DEFAULT_LIMIT })}
          />
        </InlineField>
      ) : null}
    </Stack>
  )
}

const stateOf = (value: string): Question['state'] =>
  value === 'open' || value === 'resolved' || value === 'merged' ? value : ''
