import type { SloStatus } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { PluginPage } from '@grafana/runtime'
import { Badge, Button, TextLink, useStyles2 } from '@grafana/ui'
import { useState } from 'react'
import { links } from '../app/links.ts'
import { Panel } from '../charts/panel.tsx'
import { useSlo } from '../data/useSlo.ts'
import { Answer } from '../states/answer.tsx'
import { useNow } from '../states/use-now.ts'
import { clock } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { Budget } from './budget.tsx'
import { BurnRates } from './burn-rates.tsx'
import { objectiveTarget, objectiveTitle } from './title.ts'
import { burnsTooFast, urgencyOf } from './urgency.ts'

const STEP = 20

/** Service-level objectives: what is left of each error budget, how fast it burns, and which of them page. The most urgent first. */
export default function ObjectivesPage() {
  const styles = useStyles2(stylesOf)
  const slo = useSlo()
  const [shown, setShown] = useState(STEP)
  return (
    <PluginPage pageNav={{ text: say('objectives.title', 'Objectives') }}>
      <Answer of={slo}>
        {({ objectives }) => {
          const ordered = objectives.toSorted((a, b) => urgencyOf(b) - urgencyOf(a))
          return (
            <div className={styles.page}>
              <p className={styles.line}>{stateOf(objectives)}</p>
              {ordered.slice(0, shown).map((one) => (
                <Objective key={`${one.name} ${one.service} ${one.indicator}`} of={one} />
              ))}
              {ordered.length > shown ? (
                <Button variant="secondary" onClick={() => setShown(shown + STEP)}>
                  {say('objectives.more', '{{count}} more', { count: ordered.length - shown })}
                </Button>
              ) : null}
            </div>
          )
        }}
      </Answer>
    </PluginPage>
  )
}

function stateOf(objectives: readonly SloStatus[]): string {
  if (objectives.length === 0)
    return say(
      'objectives.none',
      'No service has served a request yet. Each one that does gets an objective of its own; documents of OpenSLO (slo.files) say more.',
    )
  const burning = objectives.filter((one) => burnsTooFast(one)).length
  const alerting = objectives.filter(({ alerts }) => alerts.length > 0).length
  const overdrawn = objectives.filter(({ budget: { left } }) => left !== null && left <= 0).length
  return say(
    'objectives.state',
    '{{burning}} of {{count}} objectives burn too fast; {{alerting}} of them alert; {{overdrawn}} have no budget left.',
    {
      burning,
      alerting,
      overdrawn,
      count: objectives.length,
    },
  )
}

function Objective({ of }: { of: SloStatus }) {
  const styles = useStyles2(stylesOf)
  const now = useNow()
  return (
    <Panel title={objectiveTitle(of)} aside={<Alerts of={of} />}>
      {/* Where nothing fires the figures below say the same. */}
      {of.alerts.length === 0 && of.budget.left !== null ? null : (
        <p className={styles.summary}>{of.summary}</p>
      )}
      {of.problem === null ? null : <p className={styles.problem}>{of.problem}</p>}
      <Budget of={of} now={now} />
      <BurnRates of={of} />
      <p className={styles.weak}>
        {[
          say('objectives.target', 'target {{target}}', { target: objectiveTarget(of) }),
          ORIGIN[of.origin](of.name),
          of.source === null
            ? ''
            : of.source === 'metrics'
              ? say('objectives.from-metrics', 'counted from metrics')
              : say('objectives.from-spans', 'counted from spans'),
          say('objectives.since', 'since {{time}}', { time: clock(of.since, now) }),
          of.alerting ? '' : say('objectives.silent', 'sends no alerts'),
        ]
          .filter((part) => part !== '')
          .join(' · ')}{' '}
        <TextLink href={links.graph(of.service)}>
          {say('objectives.service', '{{service}} in the causal graph', { service: shortName(of.service) })}
        </TextLink>
      </p>
    </Panel>
  )
}

const ORIGIN = {
  document: (name: string) => say('objectives.document', 'OpenSLO document {{name}}', { name }),
  configuration: () => say('objectives.configuration', 'set in slo.services'),
  default: () => say('objectives.default', 'the default of every service'),
} as const

function Alerts({ of }: { of: SloStatus }) {
  if (of.alerts.length === 0) return null
  const paging = of.alerts.some(({ severity }) => severity === 'page')
  return (
    <Badge
      color={paging ? 'red' : 'orange'}
      icon="exclamation-circle"
      text={paging ? say('objectives.pages', 'pages') : say('objectives.ticket', 'ticket')}
    />
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  line: css({ fontSize: theme.typography.h4.fontSize, margin: 0 }),
  summary: css({ overflowWrap: 'anywhere', margin: theme.spacing(0, 0, 1) }),
  problem: css({ color: theme.colors.warning.text, overflowWrap: 'anywhere' }),
  weak: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    margin: theme.spacing(1, 0, 0),
    overflowWrap: 'anywhere',
  }),
})
