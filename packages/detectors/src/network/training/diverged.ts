/** Training ran away: the loss or the weights did not stay finite. Another learning rate, or other data, may do. */
export class TrainingDiverged extends Error {
  override readonly name = 'TrainingDiverged'
}
