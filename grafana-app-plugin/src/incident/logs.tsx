import type { Incident } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { Scrolling } from '../app/scrolling.tsx'
import { tableRules } from '../app/table-style.ts'
import { clock, quantity } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { logsOf } from './logs-of.ts'

/** Log templates and exceptions that are new or far more frequent, with a record of each. */
export function Logs({ incident, now }: { incident: Incident; now: number }) {
  const styles = useStyles2(stylesOf)
  const logs = logsOf(incident)
  if (logs.length === 0)
    return (
      <p>
        {say(
          'logs.none',
          'No log line of the causes is new or far more frequent, or their logs do not come to ADF.',
        )}
      </p>
    )
  return (
    <Scrolling label={say('logs.title', 'What logs say')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{say('logs.service', 'Service')}</th>
            <th scope="col">{say('logs.template', 'Template or exception')}</th>
            <th scope="col">{say('logs.often', 'For each request')}</th>
            <th scope="col">{say('logs.normally', 'Normally')}</th>
            <th scope="col">{say('logs.since', 'Since')}</th>
          </tr>
        </thead>
        <tbody>
          {logs.map(({ service, evidence }) => (
            <tr key={`${service} ${evidence.kind} ${evidence.subject}`}>
              <th scope="row" title={service}>
                {shortName(service)}
              </th>
              <td>
                <code>{evidence.subject}</code>
                <div className={styles.weak}>
                  {evidence.example === undefined
                    ? evidence.text
                    : say('logs.example', 'for example: {{example}}', { example: evidence.example })}
                </div>
              </td>
              <td>{quantity(evidence.value, '')}</td>
              <td>
                {evidence.expected === null ? say('logs.never', 'never') : quantity(evidence.expected, '')}
              </td>
              <td>{evidence.since === null ? '–' : clock(evidence.since, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css(tableRules(theme, 600)),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
