import type { SloReport, SloStatus } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { useStyles2 } from '@grafana/ui'
import { percent } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'

const SHOWN = 10

const burnOf = (service: SloStatus) => Math.max(0, ...service.windows.map(({ burn_rate }) => burn_rate ?? 0))

/** Objectives that burn fastest: 1 uses the budget of failures up exactly. */
export function Budgets({ report }: { report: SloReport }) {
  const styles = useStyles2(stylesOf)
  const services = report.services.toSorted((a, b) => burnOf(b) - burnOf(a)).slice(0, SHOWN)
  if (services.length === 0) return <p>{say('slo.none', 'No service has served a request yet.')}</p>
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{say('slo.service', 'Service')}</th>
          <th scope="col">{say('slo.objective', 'Objective')}</th>
          {services[0]?.windows.map(({ window }) => (
            <th scope="col" key={window}>
              {window}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {services.map((service) => (
          <tr key={service.service}>
            <th scope="row" title={service.service}>
              {shortName(service.service)}
            </th>
            <td>{`${+(100 * service.objective).toFixed(3)} %`}</td>
            {service.windows.map(({ window, ratio, burn_rate }) => (
              <td
                key={window}
                className={burn_rate !== null && burn_rate > 1 ? styles.burning : undefined}
                title={
                  ratio === null
                    ? undefined
                    : say('slo.good', '{{share}} succeeded', { share: percent(ratio) })
                }
              >
                {burn_rate === null
                  ? '–'
                  : say('slo.burn', '{{times}}×', {
                      times: burn_rate < 10 ? +burn_rate.toFixed(1) : Math.round(burn_rate),
                    })}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    overflowWrap: 'anywhere',
    'th, td': { textAlign: 'left', padding: theme.spacing(0.5, 1, 0.5, 0) },
  }),
  burning: css({ color: theme.colors.error.text, fontWeight: theme.typography.fontWeightMedium }),
})
