import type { Anomaly } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { TextLink, useStyles2 } from '@grafana/ui'
import { useMemo } from 'react'
import { links } from '../app/links.ts'
import { withGaps } from '../charts/gaps.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { useEntities } from '../data/useEntities.ts'
import { formatOf, quantity } from '../text/format.ts'
import { say } from '../text/say.ts'
import { coursesOf, type FeatureCourse } from './courses.ts'

const CHARTS = 2

/** Small charts of what was odd about a cause: what was seen, with the normal range as a band. Nothing where its anomalies have no such values. */
export function CauseCharts({ anomalies, service }: { anomalies: readonly Anomaly[]; service: string }) {
  const styles = useStyles2(stylesOf)
  const courses = useMemo(() => coursesOf(anomalies, service, CHARTS), [anomalies, service])
  const entities = useEntities()
  if (courses.length === 0) return null
  const unitOf = ({ stream, entity, feature }: FeatureCourse) =>
    entities.data?.items
      .find((one) => one.entity.id === entity)
      ?.streams.find((one) => one.stream === stream)
      ?.features.find(({ name }) => name === feature)?.unit ?? ''
  return (
    <div className={styles.charts}>
      {courses.map((course) => {
        const unit = unitOf(course)
        const { entity, feature, band, text } = course
        const { times, values } = withGaps(course.times, course.values)
        return (
          <div key={`${entity} ${feature}`} className={styles.chart}>
            <TimeChart
              times={times}
              unit={formatOf(unit)}
              height={90}
              min={0}
              band={band}
              label={text}
              series={[{ name: feature, values, color: 'red' }]}
            />
            <div className={styles.caption}>
              {say('cause-charts.band', 'band: normally {{low}} to {{high}}', {
                low: quantity(band[0], unit),
                high: quantity(band[1], unit),
              })}{' '}
              ·{' '}
              <TextLink href={links.entity(entity)}>
                {say('cause-charts.entity', 'all its features')}
              </TextLink>
            </div>
          </div>
        )
      })}
    </div>
  )
}

const stylesOf = (theme: GrafanaTheme2) => ({
  charts: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(220px, 1fr))',
    gap: theme.spacing(1.5),
    margin: theme.spacing(0.5, 0),
  }),
  chart: css({ minWidth: 0 }),
  caption: css({
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    overflowWrap: 'anywhere',
  }),
})
