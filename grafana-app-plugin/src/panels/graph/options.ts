export interface GraphPanelOptions {
  /** Id of a service; may have variables in it. */
  readonly focus: string
  readonly view: 'drawing' | 'table'
  readonly legend: boolean
}
