import { context, type Span, trace } from '@opentelemetry/api';
import { expect } from 'chai';
import { activeTraceparent } from '../../../src/observe/trace.js';

/** The least a context manager must do: one active context at a time. */
function withContextManager(run: () => void): void {
  let active = context.active();
  context.setGlobalContextManager({
    active: () => active,
    with: (next, fn, self, ...args) => {
      const before = active;
      active = next;
      try {
        return fn.call(self as never, ...args);
      } finally {
        active = before;
      }
    },
    bind: (_next, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  try {
    run();
  } finally {
    context.disable();
  }
}

describe('trace', () => {
  const span = (traceId: string): Span => trace.wrapSpanContext({ traceId, spanId: '00f067aa0ba902b7', traceFlags: 1 });

  it('gives the active span as a traceparent, and nothing without one', () => {
    expect(activeTraceparent()).to.equal(undefined);
    withContextManager(() => {
      const active = trace.setSpan(context.active(), span('4bf92f3577b34da6a3ce929d0e0e4736'));
      context.with(active, () => {
        expect(activeTraceparent()).to.equal('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
      });
      context.with(trace.setSpan(context.active(), span('0'.repeat(32))), () => {
        expect(activeTraceparent()).to.equal(undefined);
      });
    });
  });
});
