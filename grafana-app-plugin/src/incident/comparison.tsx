import type { Incident } from '@adf/contract'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'

const SHOWN = 5

/** What simpler methods would have ranked first, so that the gain is seen. */
export function Comparison({ incident }: { incident: Incident }) {
  const { comparators, causes } = incident
  const rows: readonly [string, readonly string[]][] = [
    [say('comparison.adf', 'ADF'), causes.map(({ service }) => service)],
    [say('comparison.max-z', 'largest deviation'), comparators.max_z],
    [say('comparison.pagerank', 'plain PageRank'), comparators.pagerank],
    [say('comparison.random', 'random'), comparators.random],
  ]
  return (
    <table>
      <tbody>
        {rows.map(([method, services]) => (
          <tr key={method}>
            <th scope="row" style={{ paddingRight: 16, textAlign: 'left' }}>
              {method}
            </th>
            <td>{services.slice(0, SHOWN).map(shortName).join(', ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
