import { css } from '@emotion/css'
import type { ReactNode } from 'react'

// Placed, or what is placed within it, such as text for screen readers, would make the page wider.
const scroll = css({ overflowX: 'auto', position: 'relative' })

/** What may be wider than the page, such as a table: it scrolls by itself, by the keyboard too. @param label what it is, for screen readers */
export function Scrolling({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={scroll} tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
