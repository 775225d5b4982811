import { css } from '@emotion/css'
import type { PanelProps } from '@grafana/data'
import { initPluginTranslations } from '@grafana/i18n'
import { type ComponentType, lazy, Suspense } from 'react'
import { z } from 'zod'
import { Boundary } from '../states/boundary.tsx'

// Compiled validators need eval, which a strict policy forbids.
z.config({ jitless: true })

/** A panel that comes with its texts when a dashboard shows it. What is higher than its place is scrolled. @param id of its plugin */
export function panelOf<Options>(
  id: string,
  load: () => Promise<{ default: ComponentType<PanelProps<Options>> }>,
): ComponentType<PanelProps<Options>> {
  const Panel = lazy(async () => {
    const [panel] = await Promise.all([load(), initPluginTranslations(id)])
    return { default: panel.default as ComponentType<PanelProps> }
  })
  return (props) => (
    <div className={scrolled} style={{ width: props.width, height: props.height }} data-testid={id}>
      <Suspense fallback={null}>
        <Boundary page={id}>
          <Panel {...props} />
        </Boundary>
      </Suspense>
    </div>
  )
}

const scrolled = css({ overflow: 'auto', position: 'relative' })
