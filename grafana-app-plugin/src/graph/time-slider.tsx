import type { Incident } from '@adf/contract'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { Button, useStyles2 } from '@grafana/ui'
import { useEffect, useId, useState } from 'react'
import { clock } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'
import { framesOf } from './play.ts'

const MINUTES = 60
const MINUTE_MS = 60_000

interface SliderProps {
  /** RFC 3339; undefined: now. */
  readonly at: string | undefined
  readonly go: (at: string | undefined, how?: 'replace') => void
  readonly incidents: readonly Incident[]
  readonly now: number
}

/** Takes the graph back in time, a minute at a step: to any minute of the last hour, and to where incidents began. */
export function TimeSlider({ at, go, incidents, now }: SliderProps) {
  const styles = useStyles2(stylesOf)
  const id = useId()
  const back =
    at === undefined ? 0 : Math.min(MINUTES, Math.max(0, Math.round((now - Date.parse(at)) / MINUTE_MS)))
  const [held, setHeld] = useState<number>()
  const player = usePlayer(go)
  const shown = held ?? back
  const settle = () => {
    if (held === undefined) return
    player.stop()
    go(held === 0 ? undefined : new Date(now - held * MINUTE_MS).toISOString())
    setHeld(undefined)
  }
  return (
    <div className={styles.place}>
      <label htmlFor={id}>{say('slider.label', 'Time')}</label>
      <input
        id={id}
        type="range"
        min={-MINUTES}
        max={0}
        value={-shown}
        className={styles.range}
        aria-valuetext={
          shown === 0
            ? say('slider.now', 'now')
            : say('slider.ago', '{{count}} minutes ago', { count: shown })
        }
        onChange={(event) => setHeld(-Number(event.currentTarget.value))}
        onPointerUp={settle}
        onKeyUp={settle}
        onBlur={settle}
      />
      <span className={styles.text}>
        {held !== undefined
          ? held === 0
            ? say('slider.now', 'now')
            : say('slider.ago', '{{count}} minutes ago', { count: held })
          : at === undefined
            ? say('slider.now', 'now')
            : say('slider.at', 'as it was at {{time}}', { time: clock(at, now) })}
      </span>
      {at === undefined ? null : (
        <Button
          size="sm"
          variant="secondary"
          onClick={() => {
            player.stop()
            go(undefined)
          }}
        >
          {say('slider.to-now', 'Back to now')}
        </Button>
      )}
      {incidents[0] === undefined ? null : (
        <Button
          size="sm"
          variant="secondary"
          icon={player.playing ? 'pause' : 'play'}
          onClick={() =>
            player.playing ? player.stop() : player.play(framesOf(nearest(incidents, at), now))
          }
        >
          {player.playing ? say('slider.stop', 'Stop') : say('slider.play', 'Play the incident')}
        </Button>
      )}
      {incidents.slice(0, 5).map((incident) => (
        <Button
          key={incident.id}
          size="sm"
          variant="secondary"
          fill="text"
          icon="bell"
          tooltip={incident.title}
          onClick={() => {
            player.stop()
            go(new Date(Date.parse(incident.started_at) + MINUTE_MS).toISOString())
          }}
        >
          {`${clock(incident.started_at, now)} ${shortName(incident.causes[0]?.service ?? incident.services[0] ?? '')}`}
        </Button>
      ))}
    </div>
  )
}

/** The incident that began last before the time that is shown; of now the newest. @param incidents newest first, at least one */
function nearest(
  incidents: readonly Incident[],
  at: string | undefined,
): Pick<Incident, 'started_at' | 'resolved_at'> {
  const time = at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at)
  const found = incidents.find(({ started_at }) => Date.parse(started_at) <= time) ?? incidents[0]
  return found ?? { started_at: new Date(0).toISOString(), resolved_at: null }
}

/** How long each time is shown. */
const FRAME_MS = 1200

/** Goes from one time to the next by itself. */
function usePlayer(go: SliderProps['go']) {
  const [frames, setFrames] = useState<readonly string[]>([])
  useEffect(() => {
    const [next, ...rest] = frames
    if (next === undefined) return
    const timer = setTimeout(() => {
      go(next, 'replace')
      setFrames(rest)
    }, FRAME_MS)
    return () => clearTimeout(timer)
  }, [frames, go])
  return { playing: frames.length > 0, play: setFrames, stop: () => setFrames([]) }
}

const stylesOf = (theme: GrafanaTheme2) => ({
  place: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(1, 0),
  }),
  range: css({ flex: '1 1 200px', maxWidth: 480 }),
  text: css({ minWidth: 110 }),
})
