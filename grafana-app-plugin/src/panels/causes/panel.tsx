import type { PanelProps } from '@grafana/data'
import { TextLink } from '@grafana/ui'
import { links } from '../../app/links.ts'
import { answersOf } from '../../datasource/frames/answer.ts'
import { Causes } from '../../incident/causes.tsx'
import { Statement } from '../../incident/statement.tsx'
import { useNow } from '../../states/use-now.ts'
import { say } from '../../text/say.ts'
import { Unasked } from '../unasked.tsx'
import type { CausesPanelOptions } from './options.ts'

/** The probable causes of the incident in the data. */
export default function CausesPanel({ data, options }: PanelProps<CausesPanelOptions>) {
  const now = useNow()
  const { incident: of } = answersOf(data.series)
  if (of === undefined) return <Unasked what={say('query.causes', 'Root causes')} />
  const { incident } = of
  return (
    <>
      {options.statement ? <Statement incident={incident} now={now} /> : null}
      <Causes incident={{ ...incident, causes: incident.causes.slice(0, options.most) }} now={now} />
      <TextLink href={links.incident(incident.id)} inline={false}>
        {say('panel.incident', 'Open the incident')}
      </TextLink>
    </>
  )
}
