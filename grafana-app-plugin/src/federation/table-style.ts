import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'

/** How the tables of this page look. */
export const tableStyle = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    minWidth: 640,
    overflowWrap: 'anywhere',
    'th, td': { textAlign: 'left', padding: theme.spacing(0.5, 1.5, 0.5, 0), verticalAlign: 'top' },
    'tbody tr': { borderTop: `1px solid ${theme.colors.border.weak}` },
  }),
  /** A column whose text is short: it is not broken to make room for the others. */
  tight: css({ whiteSpace: 'nowrap', overflowWrap: 'normal' }),
  weak: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
})
