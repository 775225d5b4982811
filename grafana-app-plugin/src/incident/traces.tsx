import type { Incident } from '@adf/contract'
import { ClipboardButton, Stack, TextLink } from '@grafana/ui'
import { useSettings } from '../app/settings.ts'
import { say } from '../text/say.ts'

/** Traces that show the trouble. They open in the tracing data source that the settings name; else their ids can be copied. */
export function Traces({ incident }: { incident: Incident }) {
  const { tracingUid } = useSettings()
  if (incident.trace_ids.length === 0)
    return <p>{say('traces.none', 'No slow or failed trace of it was seen.')}</p>
  return (
    <Stack direction="column" gap={1}>
      {tracingUid === undefined || tracingUid === '' ? (
        <p>
          {say(
            'traces.no-source',
            'Name a Tempo or Jaeger data source in the settings, and these open there.',
          )}
        </p>
      ) : null}
      {incident.trace_ids.map((id) => (
        <Stack key={id} gap={1} alignItems="center">
          {tracingUid === undefined || tracingUid === '' ? (
            <code>{id}</code>
          ) : (
            <TextLink href={exploreOf(tracingUid, id)}>{id}</TextLink>
          )}
          <ClipboardButton
            size="sm"
            variant="secondary"
            icon="copy"
            fill="text"
            aria-label={say('traces.copy', 'Copy the id of trace {{id}}', { id })}
            getText={() => id}
          />
        </Stack>
      ))}
    </Stack>
  )
}

/** Explore with one pane that shows the trace. */
const exploreOf = (datasource: string, trace: string): string =>
  `/explore?schemaVersion=1&panes=${encodeURIComponent(
    JSON.stringify({
      adf: { datasource, queries: [{ refId: 'A', query: trace, queryType: 'traceql' }] },
    }),
  )}`
