/**
 * What a call has used so far, for the case that it is given up: servers say it at the end of a reply, and a call that
 * is aborted has no end. Models around models (retry, fallback) share the meter of a call, so that whichever of them
 * gives it up first knows all.
 *
 * UM1  What is under way counts as its request and as much of its reply as has come; what is over, as it was said.
 * UM2  Of models around models the innermost that was asked counts: it has the price, and hears the reply.
 */
import { estimatedUsage, tokensOfRequest } from './estimate.js';
import type { ModelRequest, Prices, Usage } from './model.js';
import { addUsage, noUsage } from './usage.js';

/** A question that is under way. */
export interface Asked {
  readonly request: ModelRequest;
  readonly prices: Prices | undefined;
  /** Characters that have come. */
  chars: number;
}

/** See the file's header. */
export class UsageMeter {
  private over: Usage = noUsage;
  private asked: Asked | undefined;

  /** A model is asked now. @returns the question, to be told by whoever asks */
  begin(request: ModelRequest, prices: Prices | undefined): Asked {
    this.asked = { request, prices, chars: 0 };
    return this.asked;
  }

  /**
   * So many characters more have come, of a reply's text; for adapters: of what is not handed on as it comes, such as
   * arguments and reasoning.
   * @param asked of which question; another one is not under way any more. Default: the one that is
   */
  heard(chars: number, asked: Asked | undefined = this.asked): void {
    if (asked !== undefined && asked === this.asked) asked.chars += chars;
  }

  /** What was asked is over, has failed, and has used this. */
  ended(usage: Usage): void {
    this.over = addUsage(this.over, usage);
    this.asked = undefined;
  }

  /** UM1 */
  total(): Usage {
    return this.asked === undefined ? this.over : addUsage(this.over, usageSoFar(this.asked));
  }
}

/** What a question has used, about. */
export function usageSoFar({ request, prices, chars }: Asked): Usage {
  return estimatedUsage(tokensOfRequest(request), chars, prices);
}
