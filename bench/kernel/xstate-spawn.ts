/**
 * Many actors of XState alone. As its documentation makes many: one parent that spawns them, all in one transition. All
 * belong to the parent's system; an actor made by itself is a root, with a system of its own. The first takes less
 * memory, the second is made sooner: each is measured where it is the better.
 */
import { type Actor, type ActorRefFrom, type AnyActorLogic, assign, createActor, type InputFrom, setup } from 'xstate';

/** So many roots, started. */
export function makeXstate<L extends AnyActorLogic>(logic: L, count: number): readonly Actor<L>[] {
  return Array.from({ length: count }, () => {
    const actor = createActor(logic as AnyActorLogic) as Actor<L>;
    actor.start();
    return actor;
  });
}

/**
 * Spawn so many and have them started.
 * @param inputOf the input of number `at`; default: none
 * @returns the actors, in order. They keep their parent, and it keeps them
 */
export function spawnXstate<L extends AnyActorLogic>(
  logic: L,
  count: number,
  inputOf?: (at: number) => InputFrom<L>,
): readonly ActorRefFrom<L>[] {
  const parent = setup({ types: { context: {} as { refs: readonly ActorRefFrom<L>[] } } }).createMachine({
    context: { refs: [] },
    entry: assign({
      refs: ({ spawn }) =>
        Array.from({ length: count }, (_, at) => {
          const options = inputOf === undefined ? {} : { input: inputOf(at) };
          return spawn(logic as AnyActorLogic, options) as ActorRefFrom<L>;
        }),
    }),
  });
  return createActor(parent).start().getSnapshot().context.refs;
}
