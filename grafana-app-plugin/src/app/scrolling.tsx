import { css } from '@emotion/css'
import type { ReactNode } from 'react'

const scroll = css({ overflowX: 'auto' })

/** What may be wider than the page, such as a table: it scrolls by itself, by the keyboard too. @param label what it is, for screen readers */
export function Scrolling({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={scroll} tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
