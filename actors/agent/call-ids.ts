/**
 * The names a call of a tool has: the model's own, by which it hears the answer, and those outside, which have to be
 * legal there whatever a model comes up with. Pure.
 *
 * I1  The calls of one message have different ids, and the model's own stay where they can.
 * I2  Different ids have different names outside, each no longer than its place takes, and the same after a crash.
 */
import { createHash } from 'node:crypto';
import type { ToolCall } from '../model/index.js';

/** Ids are the names of properties of what a run remembers; this one would be none. */
const unusable = new Set(['', '__proto__']);

/** I1: ids that models leave out, or give twice, would mix the answers up. @param step by which made-up ids are told */
export function withIds(calls: readonly ToolCall[], step: number): ToolCall[] {
  const own = new Set(calls.map(({ id }) => id));
  const seen = new Set<string>();
  const madeUp = (at: number): string => {
    for (let number = at; ; number += 1) {
      const id = `call-${step}-${number}`;
      if (!own.has(id) && !seen.has(id)) return id;
    }
  };
  return calls.map((call, at) => {
    const id = unusable.has(call.id) || seen.has(call.id) ? madeUp(at) : call.id;
    seen.add(id);
    return { ...call, id };
  });
}

/** What a bus takes, and a little less. */
const callIdCharsMax = 256;

/** I2: the `callId` of a call at the bus. @param self the path of the run */
export function callIdOf(self: string, step: number, id: string): string {
  const whole = `${self}#${step}.${id}`;
  if (whole.length <= callIdCharsMax) return whole;
  // Not cut off: two long ones that begin alike are two.
  return `${self.slice(-100)}#${step}.${id.slice(0, 40)}~${printOf(whole)}`;
}

/** I2: the id of the actor that answers a call, legal in a path. */
export function childIdOf(name: string, step: number, id: string): string {
  const legal = id.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 40);
  return `${name}.${step}.${legal === id ? id : `${legal.slice(0, 20)}.${printOf(id)}`}`;
}

function printOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
