import { css } from '@emotion/css'

/** Names from telemetry may be hundreds of characters long: two lines of them are shown; the whole belongs into a title. */
export const clamped = css({
  display: '-webkit-box',
  WebkitBoxOrient: 'vertical',
  WebkitLineClamp: 2,
  overflow: 'hidden',
  overflowWrap: 'anywhere',
})
