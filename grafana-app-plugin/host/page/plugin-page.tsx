import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import type { PluginPageProps } from '@grafana/runtime'
import { useStyles2 } from '@grafana/ui'

/** What Grafana puts around a page of an app: title, subtitle, actions. */
export function PluginPage({ actions, children, pageNav, renderTitle, subTitle }: PluginPageProps) {
  const styles = useStyles2(stylesOf)
  const title = pageNav?.text ?? ''
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div>
          {renderTitle === undefined ? <h1>{title}</h1> : renderTitle(title)}
          {subTitle === undefined ? null : <div className={styles.subtitle}>{subTitle}</div>}
        </div>
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({
    padding: theme.spacing(2, 3),
    minWidth: 0,
    [theme.breakpoints.down('md')]: { padding: theme.spacing(1.5) },
  }),
  header: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    gap: theme.spacing(1),
    marginBottom: theme.spacing(2),
    h1: { margin: 0, overflowWrap: 'anywhere' },
  }),
  subtitle: css({ color: theme.colors.text.secondary }),
  actions: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), alignItems: 'center' }),
})
