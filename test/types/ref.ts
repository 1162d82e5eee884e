/** What the types of refs accept and refuse. Checked by the compiler alone; nothing here runs. */
import type { AnyEvent, Request } from '../../src/core/message.js';
import type { ActorRef } from '../../src/core/ref.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(equal: Equal<A, B>): void;

type Add = { type: 'add'; by: number };
type Read = Request<'read', {}, number>;
type Find = Request<'find', { id: string }, { name: string } | undefined>;
type Events = Add | Read | Find;

/** Requests are answered by their own reply, also among several. */
export async function replies(ref: ActorRef<Events>): Promise<void> {
  const total = await ref.ask({ type: 'read' });
  same<typeof total, number>(true);
  const found = await ref.ask({ type: 'find', id: 'a' }, { timeoutMs: 10 });
  same<typeof found, { name: string } | undefined>(true);
  const request: Read = { type: 'read' };
  same<Awaited<ReturnType<typeof ask>>, number>(true);
  function ask() {
    return ref.ask(request);
  }
  const either = await ref.ask({} as Read | Find);
  same<typeof either, number | { name: string } | undefined>(true);
}

/** What does not fit does not compile. */
export async function refusals(ref: ActorRef<Events>): Promise<void> {
  await ref.tell({ type: 'add', by: 2 });
  await ref.tell({ type: 'read' });
  // @ts-expect-error no such event
  await ref.tell({ type: 'sub', by: 2 });
  // @ts-expect-error a field of the wrong type
  await ref.tell({ type: 'add', by: '2' });
  // @ts-expect-error a field is missing
  await ref.tell({ type: 'add' });
  // @ts-expect-error not a request
  await ref.ask({ type: 'add', by: 2 });
  // @ts-expect-error a request's field is missing
  await ref.ask({ type: 'find' });
  // @ts-expect-error a request's field has the wrong type
  await ref.ask({ type: 'find', id: 7 });
  // @ts-expect-error a field the request does not have
  await ref.ask({ type: 'read', id: 'a' });
  // @ts-expect-error no such option
  await ref.ask({ type: 'read' }, { timeout: 10 });
}

/** A ref without requests cannot be asked. */
export function withoutRequests(ref: ActorRef<Add>): void {
  // @ts-expect-error nothing to ask
  void ref.ask({ type: 'add', by: 1 });
}

/** A ref that understands more fits where less is wanted, and not the other way round. */
export function variance(all: ActorRef<Events>, add: ActorRef<Add>, untyped: ActorRef): void {
  const narrower: ActorRef<Add> = all;
  // @ts-expect-error a ref of fewer events
  const wider: ActorRef<Events> = add;
  const asAny: ActorRef = add;
  const fromAny: ActorRef<Events> = untyped;
  void [narrower, wider, asAny, fromAny];
}

interface Declared {
  type: 'declared';
  at: Date;
}

/** Untyped refs take any event, and refs of events declared as interfaces work too. */
export async function untyped(ref: ActorRef, declared: ActorRef<Declared>, wide: ActorRef<AnyEvent>): Promise<void> {
  await ref.tell({ type: 'whatever', extra: 1 });
  const reply = await ref.ask({ type: 'whatever', extra: 1 });
  same<typeof reply, unknown>(true);
  // @ts-expect-error an event without a type
  await ref.tell({ extra: 1 });
  await declared.tell({ type: 'declared', at: new Date() });
  const narrowed: ActorRef<Declared> = wide;
  void narrowed;
}

/** The phantom reply type is no property: a literal is a request, and its fields are all there is. */
export function requestLiterals(read: Read): void {
  const literal: Read = { type: 'read' };
  same<Read['type'], 'read'>(true);
  void [read, literal];
}
