import { Component, type ReactNode } from 'react'
import { Trouble } from './trouble.tsx'

/** Keeps a fault of one page from taking the others down. `page` says which: another page starts afresh. */
export class Boundary extends Component<{ page: string; children: ReactNode }, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override componentDidUpdate(before: { page: string }) {
    if (before.page !== this.props.page) this.setState({ error: undefined })
  }

  override render() {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return <Trouble error={error} retry={() => this.setState({ error: undefined })} />
  }
}
