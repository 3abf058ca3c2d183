/**
 * What does not depend on each other travels together, in one round trip to the database. Waits for all of it also when some of it
 * fails: what is late must not go on in a transaction that has ended. Throws what failed first.
 */
export async function together<Works extends readonly Promise<unknown>[]>(...works: Works) {
  try {
    return await Promise.all(works);
  } finally {
    await Promise.allSettled(works);
  }
}
