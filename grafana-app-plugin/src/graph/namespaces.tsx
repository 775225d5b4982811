import { Button, Stack } from '@grafana/ui'
import { say } from '../text/say.ts'

/** Few enough to stand beside each other. */
const SHOWN = 8

interface NamespacesProps {
  readonly all: readonly string[]
  readonly collapsed: ReadonlySet<string>
  readonly set: (collapsed: Iterable<string>) => void
}

/** Draws namespaces as one node each, or shows what is inside. Nothing where there is no namespace of several services. */
export function Namespaces({ all, collapsed, set }: NamespacesProps) {
  if (all.length === 0) return null
  const open = all.filter((one) => !collapsed.has(one))
  const toggle = (name: string) =>
    set(collapsed.has(name) ? [...collapsed].filter((one) => one !== name) : [...collapsed, name])
  return (
    <Stack gap={0.5} wrap="wrap" alignItems="center">
      <span>{say('namespaces.title', 'Namespaces')}</span>
      {all.slice(0, SHOWN).map((name) => (
        <Button
          key={name}
          size="sm"
          variant="secondary"
          fill={collapsed.has(name) ? 'solid' : 'outline'}
          icon={collapsed.has(name) ? 'plus' : 'minus'}
          aria-pressed={collapsed.has(name)}
          tooltip={
            collapsed.has(name)
              ? say('namespaces.expand', 'Show what is inside')
              : say('namespaces.collapse', 'Draw it as one node')
          }
          onClick={() => toggle(name)}
        >
          {name}
        </Button>
      ))}
      {all.length > SHOWN ? <span>{`+ ${all.length - SHOWN}`}</span> : null}
      <Button size="sm" variant="secondary" disabled={open.length === 0} onClick={() => set(all)}>
        {say('namespaces.collapse-all', 'Collapse all')}
      </Button>
      <Button size="sm" variant="secondary" disabled={open.length === all.length} onClick={() => set([])}>
        {say('namespaces.expand-all', 'Expand all')}
      </Button>
    </Stack>
  )
}
