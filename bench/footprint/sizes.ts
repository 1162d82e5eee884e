/** How much the footprint suite does. */

/** See the fields. */
export interface Sizes {
  /** Peers are installed anew and weighed. Otherwise troupe alone is: npm takes its time. */
  arePeersWeighed: boolean;
  /** Processes started, of which the middle one counts. */
  starts: number;
}

/** The sizes the page is about. */
export const fullSizes: Sizes = { arePeersWeighed: true, starts: 5 };

/** To see that it runs. */
export const quickSizes: Sizes = { arePeersWeighed: false, starts: 1 };
