import { setup, sendTo, type ActorRef, type Snapshot } from 'xstate';
type PeerEvents = { type: 'ping'; n: number } | { type: 'pong' };
setup({ types: { context: {} as { peer: ActorRef<Snapshot<unknown>, PeerEvents> }, events: {} as { type: 'pay'; amount: number } | { type: 'b' } } }).createMachine({
  context: {} as never,
  on: { pay: { actions: [sendTo(({ context }) => context.peer, ({ event }) => ({ type: 'ping', n: event.amount }))] } },
});
