/** The rules of one aggregate as pure functions. Time, ids, secrets and the actor come in with the command. */
export type Decider<State, Command, Event> = {
  /** The aggregate's part of the stream name: `app` in `latchkey.app-<uuid>`. */
  readonly category: string;
  readonly initial: State;
  /** Answers what happens; nothing when there is nothing to do. Throws a `DomainError` when it is refused. */
  decide(command: Command, state: State): Event[];
  evolve(state: State, event: Event): State;
};
