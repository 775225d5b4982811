/** The database cannot be used; the message says which file, what is wrong and what to do. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
}
