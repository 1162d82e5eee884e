/**
 * Traces, through the OpenTelemetry API: free of cost and effect until the program installs an SDK. A message takes
 * the sender's active span along as a W3C traceparent, and everything an actor sends while it handles that message
 * carries it on, over threads, the journal and restarts.
 */
import { isSpanContextValid, trace } from '@opentelemetry/api';

/** The active span of the calling code as a W3C `traceparent`, undefined when there is none. */
export function activeTraceparent(): string | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return undefined;
  const flags = context.traceFlags.toString(16).padStart(2, '0');
  return `00-${context.traceId}-${context.spanId}-${flags}`;
}
