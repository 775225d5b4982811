import { css, cx } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { type ReactNode, useId } from 'react'

/** A titled part of a page. */
export function Panel(props: { title: string; className?: string; children: ReactNode; aside?: ReactNode }) {
  const styles = useStyles2(stylesOf)
  const id = useId()
  return (
    <section className={cx(styles.panel, props.className)} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {props.title}
        </h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  panel: css({
    minWidth: 0,
    padding: theme.spacing(1.5, 2),
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  head: css({ display: 'flex', justifyContent: 'space-between', alignItems: 'center', flexWrap: 'wrap' }),
  title: css({
    fontSize: theme.typography.h5.fontSize,
    margin: theme.spacing(0, 0, 1),
    minWidth: 0,
    overflowWrap: 'anywhere',
  }),
})
