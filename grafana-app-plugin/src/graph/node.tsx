import type { GraphNode } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2, IconName } from '@grafana/data'
import { Icon, useStyles2, useTheme2 } from '@grafana/ui'
import type { Node, NodeProps } from '@xyflow/react'
import { memo, useContext } from 'react'
import type { Health } from '../overview/health.ts'
import { HEALTH_ICON, healthColor, healthText } from '../overview/health-look.ts'
import { percent, quantity, rate } from '../text/format.ts'
import { say } from '../text/say.ts'
import { nodeKind } from '../text/words.ts'
import type { Group } from './groups.ts'
import { NODE_HEIGHT, NODE_WIDTH } from './layout.ts'
import { type Level, LevelContext } from './level.ts'

export type ServiceNode = Node<
  {
    readonly node: GraphNode
    readonly label: string
    readonly health: Health
    /** What it is and how it is, in words. */
    readonly spoken: string
    readonly dimmed: boolean
    readonly focused: boolean
    /** The namespace that it stands for. */
    readonly group?: Group
    readonly choose: (id: string) => void
  },
  'service'
>

const KIND_ICON: Readonly<Record<GraphNode['kind'], IconName>> = {
  service: 'cube',
  database: 'database',
  messaging: 'exchange-alt',
  peer: 'cloud',
  user: 'user',
}

/** One node: what it is, its name, its state, rate and p95; from afar its name or its colour alone. Virtual nodes have a dashed frame. */
export const NodeCard = memo(function NodeCard({ data }: NodeProps<ServiceNode>) {
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  const level = useContext(LevelContext)
  const { node, label, health, spoken, dimmed, focused, group, choose } = data
  const service = node.kind === 'service'
  return (
    <button
      type="button"
      title={
        group === undefined
          ? node.id
          : say('node.expand', 'Show what is in the namespace {{name}}', { name: group.namespace })
      }
      aria-pressed={focused}
      // What is not drawn is heard all the same.
      aria-label={level === 'all' ? undefined : `${label} ${spoken}`}
      className={styles.card}
      data-virtual={service ? undefined : ''}
      data-group={group === undefined ? undefined : ''}
      data-dimmed={dimmed ? '' : undefined}
      data-sign={service ? SIGN[health] : undefined}
      style={service ? lookOf(healthColor(theme, health), level) : undefined}
      onClick={() => choose(node.id)}
    >
      {level === 'all' ? <Full data={data} /> : null}
      {level === 'name' ? <span className={styles.large}>{label}</span> : null}
    </button>
  )
})

/** A frame; from far away, where it would be thinner than a pixel, all of it. */
const lookOf = (color: string, level: Level) => ({
  borderColor: color,
  ...(level === 'colour' && { background: color }),
})

/** What nodes of a kind and state are called. Of hundreds the words are looked up once: to translate takes longer than to draw. */
export function spokenOnce(): (kind: GraphNode['kind'] | 'namespace', health: Health) => string {
  const known = new Map<string, string>()
  return (kind, health) => {
    const key = `${kind} ${health}`
    const before = known.get(key)
    if (before !== undefined) return before
    const what = kind === 'namespace' ? say('node.namespace', 'namespace') : nodeKind(kind)
    const text = `${what}, ${healthText(health)}`
    known.set(key, text)
    return text
  }
}

/** Seen from afar beside the colour: that something is wrong there. */
const SIGN: Readonly<Partial<Record<Health, string>>> = { cause: '!', anomalous: '!', suffers: '~' }

function Full({ data }: { data: ServiceNode['data'] }) {
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  const { node, label, health, spoken, group } = data
  const told = node.kind === 'service' && health !== 'normal'
  const figures = [
    group === undefined ? '' : say('node.members', '{{count}} inside', { count: group.members.length }),
    node.kind === 'user' ? '' : rate(node.rate),
    node.latency === null ? '' : quantity(node.latency.p95, 'ms'),
    node.error_rate >= 0.005 ? say('node.errors', '{{share}} err.', { share: percent(node.error_rate) }) : '',
  ].filter((figure) => figure !== '')
  return (
    <>
      <span className={styles.name}>
        <Icon name={group === undefined ? KIND_ICON[node.kind] : 'folder'} size="sm" />
        <span className={styles.label}>{label}</span>
        {told ? (
          <Icon name={HEALTH_ICON[health]} size="sm" style={{ color: healthColor(theme, health) }} />
        ) : null}
      </span>
      <span className={styles.spoken}>{spoken}</span>
      <span className={styles.figures}>{figures.join(' · ')}</span>
      {told ? (
        <span className={styles.figures} aria-hidden>
          {healthText(health)}
        </span>
      ) : null}
    </>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  card: css({
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    display: 'flex',
    flexDirection: 'column',
    justifyContent: 'center',
    padding: theme.spacing(0.5, 1),
    textAlign: 'left',
    color: theme.colors.text.primary,
    background: theme.colors.background.primary,
    border: '2px solid',
    borderRadius: theme.shape.radius.default,
    lineHeight: 1.3,
    '&[data-group]': {
      borderWidth: 3,
      borderStyle: 'double',
      background: theme.colors.background.secondary,
    },
    '&[data-virtual]': { borderStyle: 'dashed', borderColor: theme.colors.border.strong },
    '&[data-dimmed]': { opacity: 0.25 },
    '&[aria-pressed="true"]': { outline: `3px solid ${theme.colors.primary.border}`, outlineOffset: 2 },
    '&[aria-label]': { borderWidth: 8 },
    '&[aria-label][data-sign]::after': {
      content: 'attr(data-sign) / ""',
      position: 'absolute',
      right: 12,
      fontSize: 44,
      lineHeight: 1,
      fontWeight: theme.typography.fontWeightBold,
    },
    // The sign stands in the same line as the name.
    '&[aria-label][data-sign] > span': { paddingRight: 28 },
    '&[aria-label][data-sign]:empty::after': {
      color: theme.colors.background.canvas,
      left: 0,
      right: 0,
      textAlign: 'center',
      fontSize: 56,
    },
  }),
  large: css({ fontSize: 28, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  name: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.5) }),
  label: css({
    flex: 1,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    fontWeight: theme.typography.fontWeightMedium,
  }),
  /** For those who hear the page: what icons and colours say. */
  spoken: css({ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }),
  figures: css({
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    whiteSpace: 'nowrap',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  }),
})
