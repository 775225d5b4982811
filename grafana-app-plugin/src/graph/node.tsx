import type { GraphNode } from '@adf/contract'
import { css, cx } from '@emotion/css'
import type { GrafanaTheme2, IconName } from '@grafana/data'
import { Icon, useStyles2, useTheme2 } from '@grafana/ui'
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react'
import { memo } from 'react'
import type { Health } from '../overview/health.ts'
import { HEALTH_ICON, healthColor, healthText } from '../overview/health-look.ts'
import { percent, quantity, rate } from '../text/format.ts'
import { say } from '../text/say.ts'
import { nodeKind } from '../text/words.ts'
import type { Group } from './groups.ts'
import { NODE_HEIGHT, NODE_WIDTH } from './layout.ts'

export type ServiceNode = Node<
  {
    readonly node: GraphNode
    readonly label: string
    readonly health: Health
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

/** One node: what it is, its name, its state, rate and p95. Virtual nodes have a dashed frame. */
export const NodeCard = memo(function NodeCard({ data }: NodeProps<ServiceNode>) {
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  const { node, label, health, dimmed, focused, group, choose } = data
  const figures = [
    group === undefined ? '' : say('node.members', '{{count}} inside', { count: group.members.length }),
    node.kind === 'user' ? '' : rate(node.rate),
    node.latency === null ? '' : quantity(node.latency.p95, 'ms'),
    node.error_rate >= 0.005 ? say('node.errors', '{{share}} err.', { share: percent(node.error_rate) }) : '',
  ].filter((figure) => figure !== '')
  return (
    <>
      <Handle type="target" position={Position.Left} className={styles.handle} isConnectable={false} />
      <Handle type="source" position={Position.Right} className={styles.handle} isConnectable={false} />
      <Handle
        id="back"
        type="target"
        position={Position.Bottom}
        className={styles.handle}
        isConnectable={false}
      />
      <Handle
        id="back"
        type="source"
        position={Position.Bottom}
        className={styles.handle}
        isConnectable={false}
      />
      <button
        type="button"
        title={
          group === undefined
            ? node.id
            : say('node.expand', 'Show what is in the namespace {{name}}', { name: group.namespace })
        }
        aria-pressed={focused}
        className={cx(
          styles.card,
          node.kind !== 'service' && styles.virtual,
          group !== undefined && styles.group,
          dimmed && styles.dimmed,
          focused && styles.focused,
        )}
        style={{ borderColor: node.kind === 'service' ? healthColor(theme, health) : undefined }}
        onClick={() => choose(node.id)}
      >
        <span className={styles.name}>
          <Icon name={group === undefined ? KIND_ICON[node.kind] : 'folder'} size="sm" />
          <span className={styles.label}>{label}</span>
          {node.kind === 'service' && health !== 'normal' ? (
            <Icon name={HEALTH_ICON[health]} size="sm" style={{ color: healthColor(theme, health) }} />
          ) : null}
        </span>
        <span className={styles.spoken}>
          {group === undefined ? nodeKind(node.kind) : say('node.namespace', 'namespace')},{' '}
          {healthText(health)}
        </span>
        <span className={styles.figures}>{figures.join(' · ')}</span>
        {node.kind === 'service' && health !== 'normal' ? (
          <span className={styles.figures} aria-hidden>
            {healthText(health)}
          </span>
        ) : null}
      </button>
    </>
  )
})

const stylesOf = (theme: GrafanaTheme2) => ({
  handle: css({ opacity: 0, width: 1, height: 1, minWidth: 1, minHeight: 1, border: 0 }),
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
  }),
  group: css({ borderWidth: 3, borderStyle: 'double', background: theme.colors.background.secondary }),
  virtual: css({ borderStyle: 'dashed', borderColor: theme.colors.border.strong }),
  dimmed: css({ opacity: 0.25 }),
  focused: css({ outline: `3px solid ${theme.colors.primary.border}`, outlineOffset: 2 }),
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
