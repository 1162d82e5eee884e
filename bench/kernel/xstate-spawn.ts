/**
 * Many actors of XState alone, as its documentation makes many: one parent that spawns them, all in one transition. All
 * belong to the parent's system; an actor made by itself is a root, with a system of its own.
 */
import { type ActorRefFrom, type AnyActorLogic, assign, createActor, type InputFrom, setup } from 'xstate';

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
