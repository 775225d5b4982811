import { say } from '../text/say.ts'

/** A panel has no answer that it can draw: what to ask for. `what` is the name of a question in the query editor. */
export const Unasked = ({ what }: { what: string }) => (
  <p role="status">
    {say('panel.unasked', 'Nothing to draw: ask the data source ADF for “{{what}}”.', { what })}
  </p>
)
