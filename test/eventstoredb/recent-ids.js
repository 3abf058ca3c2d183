// A real one still knew an id after 80,000 other events and had forgotten it after 120,000.
const LIMIT = 100_000;

/** Where events went that were stored since the start; the only memory that `any` and `stream_exists` ask. */
export class RecentIds {
  #places = new Map();

  add(id, stream, revision) {
    if (this.#places.has(id)) return;
    this.#places.set(id, { stream, revision });
    if (this.#places.size > LIMIT) this.#places.delete(this.#places.keys().next().value);
  }

  /** The revision that the id has in the stream. */
  find(id, stream) {
    const place = this.#places.get(id);
    return place?.stream === stream ? place.revision : undefined;
  }
}
