import type { QueryEditorProps } from '@grafana/data'
import { Combobox, InlineField, Input, Stack } from '@grafana/ui'
import { say } from '../../text/say.ts'
import type { AdfQuery, AdfSource, AdfSourceOptions } from '../settings.ts'
import { VARIABLES, type VariableKind, type VariableQuery } from '../variables.ts'

const nameOf = (kind: VariableKind): string =>
  ({
    streams: say('variable.streams', 'Streams'),
    entities: say('variable.entities', 'Entities'),
    services: say('variable.services', 'Services'),
    incidents: say('variable.incidents', 'Incidents'),
  })[kind]

/** Which values a template variable takes. */
export default function VariableEditor(
  props: QueryEditorProps<AdfSource, AdfQuery, AdfSourceOptions, VariableQuery>,
) {
  const { query, onChange } = props
  const variable = query.variable ?? 'services'
  const set = (change: Partial<VariableQuery>) => onChange({ ...query, refId: 'adf', variable, ...change })
  return (
    <Stack direction="row" wrap="wrap" gap={0.5}>
      <InlineField label={say('variable.values', 'Values')} labelWidth={14}>
        <Combobox
          id="adf-variable"
          width={24}
          options={VARIABLES.map((value) => ({ value, label: nameOf(value) }))}
          value={variable}
          onChange={({ value }) => set({ variable: value })}
        />
      </InlineField>
      {variable === 'entities' ? (
        <InlineField label={say('query.stream', 'Stream')} labelWidth={14}>
          <Input
            id="adf-variable-stream"
            width={24}
            defaultValue={query.stream ?? ''}
            onBlur={(event) => set({ stream: event.currentTarget.value.trim() })}
          />
        </InlineField>
      ) : null}
    </Stack>
  )
}
