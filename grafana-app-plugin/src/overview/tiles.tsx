import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Icon, TextLink, useStyles2, useTheme2 } from '@grafana/ui'
import { links } from '../app/links.ts'
import { clamped } from '../charts/clamp.ts'
import { percent, quantity, rate } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import type { ServiceHealth } from './health.ts'
import { HEALTH_ICON, healthColor, healthText } from './health-look.ts'

/** More tiles than this nobody reads; the graph's table has all. */
const MOST = 200

/** A small tile for each service, the worst first. */
export function Tiles({ services }: { services: readonly ServiceHealth[] }) {
  const styles = useStyles2(stylesOf)
  const theme = useTheme2()
  return (
    <>
      <ul className={styles.tiles}>
        {services.slice(0, MOST).map(({ node, health }) => (
          <li key={node.id} className={styles.tile} style={{ borderLeftColor: healthColor(theme, health) }}>
            <TextLink href={links.graph(node.id)} title={node.id} inline={false}>
              <span className={clamped}>{shortName(node.id)}</span>
            </TextLink>
            <span className={styles.state}>
              <Icon name={HEALTH_ICON[health]} size="sm" style={{ color: healthColor(theme, health) }} />
              {healthText(health)}
            </span>
            <span className={styles.figures}>
              {[
                rate(node.rate),
                node.latency === null
                  ? ''
                  : say('tile.p95', 'p95 {{latency}}', { latency: quantity(node.latency.p95, 'ms') }),
                node.error_rate >= 0.005
                  ? say('tile.errors', '{{share}} errors', { share: percent(node.error_rate) })
                  : '',
              ]
                .filter((part) => part !== '')
                .join(' · ')}
            </span>
          </li>
        ))}
      </ul>
      {services.length > MOST ? (
        <p>
          {say(
            'tiles.more',
            '{{count}} more services, all less remarkable, are in the table of the causal graph.',
            {
              count: services.length - MOST,
            },
          )}
        </p>
      ) : null}
    </>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  tiles: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(170px, 1fr))',
    gap: theme.spacing(1),
    listStyle: 'none',
    margin: 0,
  }),
  tile: css({
    display: 'flex',
    flexDirection: 'column',
    padding: theme.spacing(1),
    minWidth: 0,
    overflowWrap: 'anywhere',
    background: theme.colors.background.secondary,
    borderLeft: '4px solid',
    borderRadius: theme.shape.radius.default,
  }),
  state: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.5) }),
  figures: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
