import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'

/** How tables of this app look. @param minWidth below it the table scrolls; in pixels */
export const tableRules = (theme: GrafanaTheme2, minWidth = 640) => ({
  width: '100%',
  minWidth,
  overflowWrap: 'anywhere' as const,
  'th, td': {
    textAlign: 'left' as const,
    padding: theme.spacing(0.5, 1.5, 0.5, 0),
    verticalAlign: 'top',
  },
  'tbody tr': { borderTop: `1px solid ${theme.colors.border.weak}` },
})

/** Classes of a table and of what stands in it. */
export const tableStyle = (theme: GrafanaTheme2) => ({
  table: css(tableRules(theme)),
  /** A column whose text is short: it is not broken to make room for the others. */
  tight: css({ whiteSpace: 'nowrap', overflowWrap: 'normal' }),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
