/** Remembers only so much: what was set longest ago is forgotten first. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  constructor(private readonly most: number) {
    super();
  }

  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.most) this.#forget();
    return this;
  }

  /** A tenth at once: what comes first is found by a walk over all that was deleted before it. */
  #forget(): void {
    for (const key of this.keys()) {
      if (this.size <= this.most * 0.9) return;
      this.delete(key);
    }
  }
}
