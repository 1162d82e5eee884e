/**
 * Episodic memory: what happened, in the order it happened. The last of it is the actor's state and at hand; what is
 * older lies in volumes, which are actors of their own: at rest they are on the disk and nowhere else. A volume is
 * written once. So remembering costs the same whatever is remembered already.
 *
 *   memory        the newest episodes, and how many volumes there are
 *   v0, v1, ...   `volumeEpisodes` each, oldest first
 *
 * EM1  Episodes have consecutive numbers from 0. Volume k has those from k * volumeEpisodes on.
 * EM2  Times never decrease: an episode is not earlier than the one before, also when the clock goes back.
 */
import { fromTransition } from 'xstate';
import { moduleOf } from '../../src/core/meta.js';
import { checkOptions, type OptionsSpec } from '../../src/core/options.js';
import { actorContext, type ActorDefinition, defineActor, type Request, TroupeError } from '../../src/index.js';
import { answer, refOf, refuse } from '../managers/pile-parts.js';

/** Something that happened. */
export interface Episode<T = unknown> {
  /** EM1 */
  n: number;
  /** When it was remembered, in milliseconds since 1970. */
  time: number;
  /** Who did it, or to whom it happened: a path or any name. */
  actor: string;
  /** Plain data. */
  what: T;
}

/** Which episodes are recalled: the newest first. */
export interface RecallQuery {
  /** Only of this actor. */
  actor?: string;
  /** Of a time, in milliseconds since 1970: `since` included, `until` not. */
  since?: number;
  until?: number;
  /** At most so many, 1 to 1,000; default 20. */
  limit?: number;
  /** `next` of the page before. */
  before?: number;
}

/** A page of episodes, the newest first. It may have fewer than asked for although `next` leads on. */
export interface Recalled<T> {
  episodes: Episode<T>[];
  /** Where older ones are: `before` of the next question; undefined: there are none. */
  next: number | undefined;
}

/** What an episodic memory understands. */
export type EpisodicEvents<T> =
  /** `actor`: default, whoever is not named: ''. The reply: its number. */
  | Request<'remember', { what: T; actor?: string }, { n: number; time: number }>
  | Request<'recall', RecallQuery, Recalled<T>>
  | Request<'count', object, { episodes: number; recent: number }>;

/** How much is at hand. */
export interface EpisodicOptions {
  /** Episodes at hand at least, 1 to 1,000; default 20. Fewer cost less at each `remember`; all are found. */
  recent?: number;
  /** Episodes of one volume, 1 to 1,000; fixed when a memory begins. Default 64. */
  volumeEpisodes?: number;
}

const optionsSpec: OptionsSpec<EpisodicOptions> = {
  recent: { type: 'integer', min: 1, max: 1_000, default: 20 },
  volumeEpisodes: { type: 'integer', min: 1, max: 1_000, default: 64 },
};

const querySpec: OptionsSpec<RecallQuery> = {
  actor: { type: 'string' },
  since: { type: 'number', default: -Infinity },
  until: { type: 'number', default: Infinity },
  limit: { type: 'integer', min: 1, max: 1_000, default: 20 },
  before: { type: 'integer', min: 0, default: Number.MAX_SAFE_INTEGER },
};

/** Volumes one recall visits: the next one goes on from there. */
const volumesPerRecallMax = 64;

type Checked = Required<Omit<RecallQuery, 'actor'>> & Pick<RecallQuery, 'actor'>;

interface MemoryState {
  epoch: string;
  per: number;
  /** What is not in a volume yet, oldest first. */
  episodes: readonly Episode[];
  volumes: number;
}

/** A recall on its way through the volumes. */
interface Search {
  type: 'volume.search';
  query: Checked;
  found: Episode[];
  /** This volume's number; how many may still be visited. */
  volume: number;
  hops: number;
  /** Looking for the newest volume that begins before `until`: it is between these, `high` not included. */
  range?: [low: number, high: number] | undefined;
}

type Hears = EpisodicEvents<unknown>;

/**
 * Declare an episodic memory, at the top level of a module, and export it.
 *
 *   export const diary = episodicMemory<string>(import.meta, 'diary');
 *   const ref = await system.spawn(diary, { id: 'diary' });
 *   await ref.ask({ type: 'remember', what: 'asked for the report', actor: '/planner' });
 *   const { episodes, next } = await ref.ask({ type: 'recall', actor: '/planner', since: yesterday });
 *
 * What has been remembered survives what its actor survives. A question that makes no sense is refused with
 * OPTION_UNKNOWN, OPTION_TYPE or OPTION_RANGE, naming the field. The name `NAME.volume` is taken as well. Supervise it
 * with `restore` or `resume`: with `reset` it begins empty.
 *
 * @param meta the module's `import.meta`
 * @param name unique in the system
 * @param options see `EpisodicOptions`
 * @throws TroupeError OPTION_UNKNOWN, OPTION_TYPE, OPTION_RANGE; what `defineActor` throws
 */
export function episodicMemory<T = unknown>(
  meta: { readonly url: string },
  name: string,
  options: EpisodicOptions = {},
): ActorDefinition<undefined, EpisodicEvents<T>> {
  moduleOf(meta, 'episodicMemory');
  const checked = checkOptions<EpisodicOptions>(options, optionsSpec, `episodicMemory("${name}")`);
  const { recent, volumeEpisodes } = checked as Required<EpisodicOptions>;
  const volume = defineActor(meta, `${name}.volume`, volumeLogic, {
    placement: 'with-parent',
    passivateAfterMs: 10_000,
    maxAttempts: 100,
  });
  const logic = fromTransition(
    (state: MemoryState, event: Hears) => hear(state, event, recent, volume),
    (): MemoryState => ({ epoch: actorContext().now().toString(36), per: volumeEpisodes, episodes: [], volumes: 0 }),
  );
  return defineActor(meta, name, logic) as unknown as ActorDefinition<undefined, EpisodicEvents<T>>;
}

function hear(state: MemoryState, event: Hears, recent: number, volume: ActorDefinition): MemoryState {
  switch (event.type) {
    case 'remember':
      return remember(state, event, recent, volume);
    case 'recall':
      recall(state, event);
      return state;
    case 'count':
      answer({ episodes: state.volumes * state.per + state.episodes.length, recent: state.episodes.length });
      return state;
    default:
      return state;
  }
}

function remember(
  state: MemoryState,
  { what, actor = '' }: { what: unknown; actor?: string },
  recent: number,
  volume: ActorDefinition,
): MemoryState {
  if (typeof actor !== 'string') {
    refuse(new TroupeError('OPTION_TYPE', 'remember: actor must be a text', { field: 'actor', value: actor }));
    return state;
  }
  if (what === undefined) {
    refuse(new TroupeError('OPTION_TYPE', 'remember: what is required', { field: 'what', value: what }));
    return state;
  }
  const { now, spawn } = actorContext();
  const n = state.volumes * state.per + state.episodes.length;
  // EM2
  const time = Math.max(now(), state.episodes.at(-1)?.time ?? 0);
  const episodes = [...state.episodes, { n, time, actor, what }];
  answer({ n, time });
  // At least `recent` stay at hand, and never none: EM2 needs the last.
  if (episodes.length < recent + state.per) return { ...state, episodes };
  spawn(volume, {
    id: volumeId(state.epoch, state.volumes),
    input: { epoch: state.epoch, episodes: episodes.slice(0, state.per) },
  });
  return { ...state, episodes: episodes.slice(state.per), volumes: state.volumes + 1 };
}

const volumeId = (epoch: string, number: number): string => `v${epoch}-${number}`;

function recall(state: MemoryState, { type: _, ...given }: RecallQuery & { type: 'recall' }): void {
  let query: Checked;
  try {
    query = checkOptions<RecallQuery>(given, querySpec, 'recall') as Checked;
  } catch (error) {
    refuse(error as TroupeError);
    return;
  }
  const { found, next } = pick(state.episodes, query, []);
  const { path } = actorContext().self;
  if (next !== undefined || state.volumes === 0 || isOver(state.episodes, query)) {
    answer({ episodes: found, next });
    return;
  }
  const high = Math.min(state.volumes, Math.ceil(query.before / state.per));
  const isByTime = query.until !== Infinity && high > 1;
  const search = { query, found, hops: volumesPerRecallMax, range: isByTime ? ([0, high] as const) : undefined };
  visit(path, state.epoch, isByTime ? Math.floor(high / 2) : high - 1, search);
}

/** Go and look in a volume; there is none before the first. */
function visit(path: string, epoch: string, volume: number, search: object): void {
  const { found } = search as Search;
  if (volume < 0) answer({ episodes: found, next: undefined });
  else
    actorContext().forward(refOf(`${path}/${volumeId(epoch, volume)}`), { type: 'volume.search', ...search, volume });
}

/** What is asked for among episodes, the newest first. `next`: the page is full, and there may be more. */
function pick(
  episodes: readonly Episode[],
  query: Checked,
  before: readonly Episode[],
): { found: Episode[]; next: number | undefined } {
  const found = [...before];
  for (const episode of episodes.toReversed()) {
    const { n, time, actor } = episode;
    if (n >= query.before || time >= query.until || time < query.since) continue;
    if (query.actor !== undefined && actor !== query.actor) continue;
    if (found.length === query.limit) return { found, next: n + 1 };
    found.push(episode);
  }
  return { found, next: undefined };
}

/** Everything that is older is too old. */
function isOver(episodes: readonly Episode[], { since, before }: Checked): boolean {
  const [oldest] = episodes;
  return oldest !== undefined && (oldest.n === 0 || oldest.time < since || before === 0);
}

interface VolumeState {
  epoch: string;
  episodes: readonly Episode[];
}

const volumeLogic = fromTransition(
  (state: VolumeState, event: Search): VolumeState => {
    if (event.type === 'volume.search') search(state, event);
    return state;
  },
  ({ input }: { input: VolumeState }): VolumeState => input,
);

function search({ epoch, episodes }: VolumeState, event: Search): void {
  const { query, volume, hops, range } = event;
  const { path } = actorContext().self;
  const memory = path.slice(0, path.lastIndexOf('/'));
  if (range !== undefined) {
    // The newest volume that begins before `until`, by halves.
    const [low, high] = episodes[0]!.time < query.until ? [volume, range[1]] : [range[0], volume];
    if (high - low > 1) visit(memory, epoch, Math.floor((low + high) / 2), { ...event, range: [low, high] });
    else visit(memory, epoch, low, { ...event, range: undefined });
    return;
  }
  const { found, next } = pick(episodes, query, event.found);
  if (next !== undefined || isOver(episodes, query)) answer({ episodes: found, next });
  else if (hops <= 1) answer({ episodes: found, next: episodes[0]!.n });
  else visit(memory, epoch, volume - 1, { ...event, found, hops: hops - 1 });
}
