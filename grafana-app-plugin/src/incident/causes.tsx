import type { Evidence, Incident, RootCause } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Badge, TextLink, useStyles2 } from '@grafana/ui'
import type { ReactNode } from 'react'
import { links } from '../app/links.ts'
import { BandBar } from '../charts/band-bar.tsx'
import { Panel } from '../charts/panel.tsx'
import { ShareBar } from '../charts/share-bar.tsx'
import { clock, percent } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { causeKind } from '../text/words.ts'

const SHOWN = 3
/** A cause that is less likely is told without charts. */
const CHARTED = 0.1

/** The ranked causes, each with what speaks for it; at the end, that it is none of them. */
interface CausesProps {
  readonly incident: Pick<Incident, 'causes' | 'none'>
  readonly now: number
  /** What is drawn beside the evidence of a service that is likely. */
  readonly charts?: (service: string) => ReactNode
}

export function Causes({ incident, now, charts }: CausesProps) {
  const styles = useStyles2(stylesOf)
  const { causes, none } = incident
  return (
    <Panel title={say('causes.title', 'Probable causes')}>
      {causes.length === 0 ? <p>{say('causes.none-yet', 'No cause is ranked yet.')}</p> : null}
      <ol className={styles.list}>
        {causes.map((cause) => (
          <li key={cause.service}>
            <Cause cause={cause} charts={charts} now={now} />
          </li>
        ))}
      </ol>
      {none === null ? null : (
        <div className={styles.none}>
          <span>{say('causes.none', 'none of these')}</span>
          <ShareBar
            tone="plain"
            share={none}
            label={say('causes.none-label', 'Probability that it is none of these')}
          />
          <span>{percent(none)}</span>
        </div>
      )}
    </Panel>
  )
}

function Cause({ cause, now, charts }: { cause: RootCause } & Pick<CausesProps, 'now' | 'charts'>) {
  const styles = useStyles2(stylesOf)
  const rest = cause.evidence.slice(SHOWN)
  return (
    <>
      <div className={styles.head}>
        <TextLink href={links.graph(cause.service)} title={cause.service} inline={false}>
          {shortName(cause.service)}
        </TextLink>
        <Badge color="blue" text={causeKind(cause.kind)} />
        <span className={styles.percent}>{percent(cause.probability)}</span>
      </div>
      <ShareBar
        tone="bad"
        share={cause.probability}
        label={say('causes.probability', 'Probability that {{service}} is the cause', {
          service: cause.service,
        })}
      />
      <EvidenceList evidence={cause.evidence.slice(0, SHOWN)} now={now} />
      {cause.probability < CHARTED ? null : charts?.(cause.service)}
      {rest.length === 0 ? null : (
        <details>
          <summary>{say('causes.more', '{{count}} more', { count: rest.length })}</summary>
          <EvidenceList evidence={rest} now={now} />
        </details>
      )}
    </>
  )
}

function EvidenceList({ evidence, now }: { evidence: readonly Evidence[]; now: number }) {
  const styles = useStyles2(stylesOf)
  return (
    <ul className={styles.evidence}>
      {evidence.map((one) => (
        <li key={`${one.kind} ${one.subject} ${one.text}`}>
          {one.text}
          {one.since === null ? null : (
            <span className={styles.since}>
              {' '}
              {say('causes.since', 'since {{time}}', { time: clock(one.since, now) })}
            </span>
          )}
          {one.expected === null || one.value < 0 || one.expected < 0 ? null : (
            <BandBar value={one.value} band={[one.expected, one.expected]} label={one.text} />
          )}
        </li>
      ))}
    </ul>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  list: css({
    margin: 0,
    paddingLeft: theme.spacing(2.5),
    'li::marker': { color: theme.colors.text.secondary },
    '& > li': { marginBottom: theme.spacing(1.5) },
  }),
  head: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1),
    alignItems: 'center',
    marginBottom: theme.spacing(0.5),
    overflowWrap: 'anywhere',
  }),
  percent: css({ marginLeft: 'auto', fontWeight: theme.typography.fontWeightMedium }),
  evidence: css({
    listStyle: 'none',
    margin: theme.spacing(0.75, 0, 0),
    overflowWrap: 'anywhere',
    '& > li': { marginBottom: theme.spacing(0.75) },
  }),
  since: css({ color: theme.colors.text.secondary }),
  none: css({
    display: 'grid',
    gridTemplateColumns: 'auto 1fr auto',
    gap: theme.spacing(1),
    alignItems: 'center',
    color: theme.colors.text.secondary,
  }),
})
