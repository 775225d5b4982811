/** Name of the lease of the one server that drives the rounds. */
export const DRIVING = 'rounds'
