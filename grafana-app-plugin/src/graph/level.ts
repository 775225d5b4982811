import { createContext } from 'react'

/** How much of a node can be read from where one looks: nothing but its colour, its name in large letters, or all of it. */
export type Level = 'colour' | 'name' | 'all'

/** Smaller than half of their size letters cannot be read; the large ones of a name can at half of that. */
export const levelOf = (zoom: number): Level => (zoom >= 0.5 ? 'all' : zoom >= 0.2 ? 'name' : 'colour')

/** Text and signs of a thousand nodes cost more than all else of the drawing, and nobody could read them. */
export const LevelContext = createContext<Level>('all')
