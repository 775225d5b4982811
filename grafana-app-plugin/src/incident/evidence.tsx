import type { IncidentExport } from '@adf/contract'
import { Button, Tab, TabContent, TabsBar } from '@grafana/ui'
import { useState } from 'react'
import { AnomalyTable } from '../anomalies/table.tsx'
import { useQueryState } from '../app/use-query-state.ts'
import { Panel } from '../charts/panel.tsx'
import { clock } from '../text/format.ts'
import { say } from '../text/say.ts'
import { Comparison } from './comparison.tsx'
import { Logs } from './logs.tsx'
import { logsOf } from './logs-of.ts'
import { Traces } from './traces.tsx'

/** An incident of an hour has thousands; the strongest come first. */
const STEP = 20

/** What the claims above rest on. The tab is in the address. */
export function EvidenceTabs({ of, now }: { of: IncidentExport; now: number }) {
  const [tab = 'check', setTab] = useQueryState('tab')
  const { incident } = of
  const tabs = [
    { id: 'check', label: say('evidence.check', 'To be sure') },
    { id: 'anomalies', label: say('evidence.anomalies', 'Anomalies'), counter: incident.anomaly_count },
    { id: 'logs', label: say('evidence.logs', 'Logs'), counter: logsOf(incident).length },
    { id: 'traces', label: say('evidence.traces', 'Traces'), counter: incident.trace_ids.length },
    { id: 'methods', label: say('evidence.methods', 'Other methods') },
  ]
  return (
    <Panel title={say('evidence.title', 'Evidence')}>
      <TabsBar>
        {tabs.map(({ id, label, counter }) => (
          <Tab
            key={id}
            label={label}
            counter={counter ?? null}
            active={tab === id}
            onChangeTab={() => setTab(id)}
          />
        ))}
      </TabsBar>
      <TabContent style={{ paddingTop: 12, background: 'transparent' }}>
        {tab === 'check' ? <Checks of={of} now={now} /> : null}
        {tab === 'anomalies' ? <Anomalies of={of} now={now} /> : null}
        {tab === 'logs' ? <Logs incident={incident} now={now} /> : null}
        {tab === 'traces' ? <Traces incident={incident} /> : null}
        {tab === 'methods' ? <Comparison incident={incident} /> : null}
      </TabContent>
    </Panel>
  )
}

function Anomalies({ of, now }: { of: IncidentExport; now: number }) {
  const { anomalies, anomalies_left_out } = of
  const [shown, setShown] = useState(STEP)
  const hidden = anomalies.length - shown
  return (
    <>
      <AnomalyTable anomalies={anomalies.slice(0, shown)} now={now} />
      {hidden > 0 ? (
        <Button variant="secondary" onClick={() => setShown(shown + STEP)}>
          {say('evidence.more', '{{count}} more', { count: hidden })}
        </Button>
      ) : null}
      {hidden <= 0 && anomalies_left_out > 0 ? (
        <p>
          {say('evidence.left-out', '{{count}} more, less strong, are not shown here.', {
            count: anomalies_left_out,
          })}
        </p>
      ) : null}
    </>
  )
}

/** Instants, as ADF writes them into its sentences. */
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g

function Checks({ of: { incident }, now }: { of: IncidentExport; now: number }) {
  const steps = incident.causes.slice(0, 2).flatMap(({ confirm }) => confirm)
  if (steps.length === 0)
    return <p>{say('evidence.no-checks', 'There is nothing in particular to look at.')}</p>
  return (
    <ol style={{ paddingLeft: 20, margin: 0, overflowWrap: 'anywhere' }}>
      {steps.map((step) => (
        <li key={step}>{step.replace(INSTANT, (instant) => clock(instant, now))}</li>
      ))}
    </ol>
  )
}
