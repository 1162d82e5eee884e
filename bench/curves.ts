/**
 * The suite `curves`: how cost grows with actors, with the size of messages, with hosts, with what waits in a mailbox
 * and with the length of a life. Each point is a process of its own; the ratio beside it is to the smallest point of
 * its line.
 */
import { type Curve, curves as all, isLarge, type Line, type Panel, pointText } from './curves/lines.js';
import { fullSizes, quickSizes } from './curves/sizes.js';
import type { Entrant, Row, Section, Suite } from './runner/suite.js';

function entrantsOf({ entrant, xs, isForeign }: Line): Entrant[] {
  return xs.flatMap((x): Entrant[] => {
    const name = `${entrant}/${x}`;
    const large = isLarge(name) ? { isLarge: true } : {};
    if (entrant !== 'history') return [{ name, ...large, ...(isForeign ? { isForeign } : {}) }];
    return [
      { name: `prepare-${name}`, once: true, ...large },
      { name, isPrepared: true, ...large },
    ];
  });
}

function sectionOf(curve: Curve, panel: Panel, line: Line): Section {
  const { entrant, measure, unit, limitedBy, xs } = line;
  const idOf = (x: number): string => `${entrant}/${x}-${measure}`;
  const rows = xs.map((x, at): Row => {
    const point = { curve: panel.name, line: line.name, x, each: panel.each };
    const base = at === 0 ? {} : { base: idOf(xs[0] as number) };
    return {
      id: idOf(x),
      title: pointText(curve.x, x),
      entrant: `${entrant}/${x}`,
      measure,
      unit,
      limitedBy,
      point,
      ...base,
    };
  });
  return { title: `${curve.title}: ${panel.title.toLowerCase()}: ${line.name}`, rows };
}

const panels = all.flatMap((curve) => curve.panels.map((panel) => ({ curve, panel })));
const entrants = panels.flatMap(({ panel }) => panel.lines.flatMap(entrantsOf));

/** See the file's header. */
export const curves: Suite = {
  name: 'curves',
  says: 'how cost grows: actors, message size, hosts, what waits, length of life',
  entry: new URL('./curves/contender-entry.js', import.meta.url),
  // Lines of several measures share their processes.
  entrants: [...new Map(entrants.map((entrant) => [entrant.name, entrant])).values()],
  sections: panels.flatMap(({ curve, panel }) => panel.lines.map((line) => sectionOf(curve, panel, line))),
  sizes: (quick) => (quick ? quickSizes : fullSizes),
  rounds: 1,
  // A million actors are spawned in a minute, or in several where others work too.
  entrantMsMax: 900_000,
  notMeasured: [
    'More than one round: a point may be off by a third, as runs of one program are. What grows grows by more.',
    'Mail of actors that are not journaled: it waits in memory, of which a host gives it room for 65,536 messages.',
    'Actors that do not fit into memory: that is in the suite endurance.',
    'More cores than the machine has: with them more hosts would do more.',
    'Large states: each message writes the whole state of its actor, so cost is linear in it.',
  ],
};
