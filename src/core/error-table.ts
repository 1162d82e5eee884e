/**
 * Every code of the kernel, in one table, grouped by the moment a failure occurs.
 */

/** The moment a failure occurs. The table is grouped by it. */
export type ErrorMoment =
  | 'defining'
  | 'spawning'
  | 'sending'
  | 'handling'
  | 'supervising'
  | 'effects'
  | 'workflows'
  | 'agents'
  | 'journaling'
  | 'recovering'
  | 'threads'
  | 'shutting down';

/** How grave: a warning costs nothing, an error costs the call or message, a fatal one costs the system. */
export type ErrorSeverity = 'warning' | 'error' | 'fatal';

/**
 * What normally answers the failure. `retry`: the same call may succeed later. `restart`: a supervisor
 * restarts the actor. `escalate`: nothing below the caller can mend it, so the program must change or the
 * parent decide. `reload`: a definition, module or file that fits must be put in place. `breaker`: stop
 * asking for a while. `failover`: the work moves to another thread. `ignore`: nothing is lost.
 */
export type ErrorRecovery = 'retry' | 'restart' | 'escalate' | 'reload' | 'breaker' | 'failover' | 'ignore';

/** One row of `errorTable`. */
export interface ErrorEntry {
  readonly when: ErrorMoment;
  readonly meaning: string;
  readonly severity: ErrorSeverity;
  readonly recovery: ErrorRecovery;
}

function row(when: ErrorMoment, severity: ErrorSeverity, recovery: ErrorRecovery, meaning: string): ErrorEntry {
  return Object.freeze({ when, meaning, severity, recovery });
}

/** Every code of the kernel. The keys are the type `ErrorCode`; documentation is generated from the rows. */
// biome-ignore format: one code, one row
export const errorTable = Object.freeze({
  // defining
  DEFINITION_NAME: row('defining', 'error', 'escalate',
    'A definition name is empty, too long or has an illegal character.'),
  DEFINITION_DUPLICATE: row('defining', 'error', 'escalate', 'Two modules define the same name; rename one of them.'),
  DEFINITION_UNKNOWN: row('defining', 'error', 'reload', 'The module was loaded but does not define this name.'),
  DEFINITION_IMPORT: row('defining', 'error', 'reload', 'The module of a definition cannot be imported; see `cause`.'),
  DEFINITION_LOGIC: row('defining', 'error', 'escalate',
    'The value is not actor logic: no transition or no initial snapshot.'),
  INLINE_CHILD: row('defining', 'error', 'escalate',
    'A local child was made from inline logic, which no restart could restore; register it in `setup({ actors })`.'),
  SYSTEM_IN_HOST: row('defining', 'error', 'escalate',
    'createSystem was called while a host thread imported a definition; let only the main thread run it.'),
  OPTION_UNKNOWN: row('defining', 'error', 'escalate',
    'An option has a name nobody knows; the message suggests the nearest one.'),
  OPTION_TYPE: row('defining', 'error', 'escalate', 'An option has a value of the wrong type.'),
  OPTION_RANGE: row('defining', 'error', 'escalate', 'An option has a value outside its range.'),
  SCHEMA_ILLEGAL: row('defining', 'error', 'escalate',
    'A JSON Schema document is none, or contradicts itself; the field names the place.'),
  SCHEMA_NOT_JSON: row('defining', 'error', 'escalate',
    'A schema cannot be said as JSON Schema, so no model can be shown it; use jsonSchema().'),
  PROMPT_VARIABLE: row('defining', 'error', 'escalate',
    'A prompt lacks the value of a variable, was given one it does not have, or has illegal braces.'),
  MODEL_REQUEST: row('defining', 'error', 'escalate', 'A request to a model is none; the field names the place.'),

  // spawning
  PATH_ILLEGAL: row('spawning', 'error', 'escalate',
    'An actor id or path is empty, too long or has an illegal character.'),
  SPAWN_CONFLICT: row('spawning', 'error', 'escalate',
    'The path is taken by a living actor of another definition or with another input.'),
  ACTORS_MAX: row('spawning', 'error', 'breaker',
    "As many actors live as the system's `actorsMax` allows; the new one was not spawned."),
  SPAWN_PARENT: row('spawning', 'error', 'escalate', 'The parent does not exist or is stopping.'),

  // sending
  EVENT_SHAPE: row('sending', 'error', 'escalate',
    'An event must be an object with a string `type` that the kernel does not reserve.'),
  PAYLOAD_NOT_CARRIABLE: row('sending', 'error', 'escalate',
    'A value cannot travel between threads or rest in the journal; the message names the place inside it.'),
  BYTES_MALFORMED: row('sending', 'error', 'escalate', 'Bytes are not an encoded value: they were cut or changed.'),
  ACTOR_UNKNOWN: row('sending', 'error', 'escalate', 
    'No actor lives at the path. A program is refused; what an actor sent became a dead letter.'),
  ACTOR_STOPPED: row('sending', 'error', 'escalate', 
    'The actor has stopped. A program is refused; what an actor sent became a dead letter.'),
  ASK_TIMEOUT: row('sending', 'error', 'retry',
    'No reply came in time. The request may still be handled; ask again only if it is idempotent.'),
  ASK_ABORTED: row('sending', 'warning', 'ignore', 'The caller gave up waiting. The request may still be handled.'),
  OUTSIDE_TURN: row('sending', 'error', 'escalate', 'The call works only while an actor handles a message.'),
  REPLY_OUTSIDE_REQUEST: row('sending', 'error', 'escalate',
    'There is nobody to reply to: the current message was told, not asked.'),
  INSIDE_TURN: row('sending', 'error', 'escalate',
    'The call cannot be made while an actor handles a message; make it in a promise the actor invokes.'),
  NO_PARENT: row('sending', 'error', 'escalate', 'The actor sent to its parent and has none.'),
  NO_SYSTEM: row('sending', 'error', 'escalate', 'A ref was used on a thread where no system runs.'),
  SYSTEM_BUSY: row('sending', 'warning', 'breaker',
    'Too many messages of this thread wait for their commit; slow down and try again.'),

  // handling
  MESSAGE_FAILED: row('handling', 'error', 'restart', 'Handling a message threw; its turn left no trace. See `cause`.'),
  MESSAGE_REFUSED: row('handling', 'error', 'escalate',
    'The message failed as often as allowed and became a dead letter. See `cause`.'),

  MESSAGE_HUNG: row('handling', 'error', 'restart',
    'Handling a message took longer than `hangAfterMs` without a break; its thread was ended, the message failed.'),
  MEMORY_LIMIT: row('handling', 'error', 'restart',
    'The process used more memory than `memoryBytesMax` allows; the thread that took it was ended.'),

  ELEMENT_INVALID: row('handling', 'error', 'escalate',
    'An element, or its value, is not what the collection takes; the message names the field.'),
  PILE_CONFLICT: row('handling', 'error', 'escalate',
    'The collection has another element with this id.'),
  PILE_FULL: row('handling', 'error', 'breaker',
    'The collection has as many elements as its `elementsMax` allows.'),
  PROGRESSION_UNKNOWN: row('handling', 'error', 'escalate',
    'An id is not in the collection, or not in the order, that a place was asked for in.'),
  BRANCH_FOREIGN: row('handling', 'error', 'escalate',
    'A branch can be merged only into the one it was forked from.'),
  CALL_STATE: row('handling', 'error', 'escalate',
    'The call is past what was asked of it: it has begun or has ended already.'),
  MEMORY_FULL: row('handling', 'error', 'escalate',
    'What is to be remembered is larger than the whole memory may be.'),

  // supervising
  NOT_A_SUPERVISOR: row('supervising', 'error', 'escalate',
    'Only an actor whose definition says `supervises` can start and judge supervised children.'),
  SUPERVISED_VOLATILE: row('supervising', 'error', 'escalate',
    'An actor with durability `none` cannot be supervised: nothing of it outlives its failure.'),
  SUPERVISOR_GAVE_UP: row('supervising', 'error', 'escalate',
    'More restarts were needed within the period than the intensity grants; the supervisor stopped its children.'),
  SUPERVISOR_ESCALATED: row('supervising', 'error', 'escalate',
    'A child failed whose failures this supervisor leaves to the one above it. See `cause`.'),
  SUPERVISOR_START: row('supervising', 'error', 'escalate',
    'A child could not start, so its supervisor stopped those before it. See `cause`.'),
  SUPERVISOR_SPEC: row('supervising', 'error', 'escalate',
    'A supervisor was declared with something that makes no sense; the message names the field and the value.'),
  ROUTE_UNKNOWN: row('supervising', 'error', 'escalate',
    'No child of the supervisor can take the task: none that is there handles it, and there is no default.'),
  CHILDREN_MAX: row('supervising', 'error', 'escalate',
    'The supervisor has as many children as its `maxChildren` allows.'),
  SHUTDOWN_TIMEOUT: row('supervising', 'warning', 'ignore',
    'A supervised actor had not stopped within its `shutdownMs` and was killed. It is what the actor ended with.'),
  SHUTDOWN_KILL: row('supervising', 'warning', 'ignore',
    "A supervised actor was killed at once, without its stop hook: its `shutdownMs` is `'kill'`, or 0."),

  // effects
  CIRCUIT_OPEN: row('effects', 'error', 'breaker',
    'The circuit breaker is open: what it guards failed too often, and is not tried for a while.'),
  EFFECT_FAILED: row('effects', 'error', 'restart',
    'A promise, callback or observable of an actor failed. See `cause`.'),
  EFFECT_RUNNING: row('effects', 'error', 'escalate',
    'An actor began a named effect under an id whose effect still runs.'),
  EFFECT_UNKNOWN: row('effects', 'error', 'escalate',
    "An actor began an effect that its definition's `effects` do not name."),
  EFFECT_UNCAUGHT: row('effects', 'error', 'restart',
    'What an actor had begun (a promise, a timer, a listener) ended its thread later: nobody caught it. See `cause`.'),
  MODEL_RATE_LIMITED: row('effects', 'error', 'retry',
    'The model takes no more calls for now; `value.retryAfterMs` says for how long, where the server did.'),
  MODEL_UNAVAILABLE: row('effects', 'error', 'retry', 'The model cannot be reached, or its server failed.'),
  MODEL_TIMEOUT: row('effects', 'error', 'retry', 'The model did not answer, or did not go on answering, in time.'),
  MODEL_REJECTED: row('effects', 'error', 'escalate',
    'The model refuses the call: a wrong key, an unknown model, a request too long. The same call fails again.'),
  MODEL_PROTOCOL: row('effects', 'error', 'retry',
    "What the model's server said is not of the protocol: no JSON, no answer in it, cut off, too long."),
  MODEL_ABORTED: row('effects', 'warning', 'ignore', 'A call of a model was given up by whoever made it.'),
  MODEL_OUTPUT_INVALID: row('effects', 'error', 'escalate',
    'The model did not answer in the form asked for; `value` has the raw text, the issues and what was used.'),
  MODEL_ALL_FAILED: row('effects', 'error', 'retry',
    "Every model of a fallback failed; `value.failures` lists them, `cause` is the last one's error."),
  MODEL_SCRIPT: row('effects', 'error', 'escalate',
    'A scripted model was asked what its script does not say, or not asked all that it says.'),
  MODEL_NOT_RECORDED: row('effects', 'error', 'escalate',
    'A replayed model was asked what is not in the record; the message names what differs.'),
  JOB_NOT_FOUND: row('effects', 'error', 'reload', 'The module of a job has no function of this name.'),
  JOB_IMPORT: row('effects', 'error', 'reload', 'The module of a job cannot be imported; see `cause`.'),
  JOB_FAILED: row('effects', 'error', 'retry', "A job's function threw; see `cause`."),
  JOB_ABORTED: row('effects', 'warning', 'ignore', 'A job was cancelled because nobody waits for it any more.'),
  JOB_THREAD_LOST: row('effects', 'error', 'retry', 'The thread that ran the job died (heap limit or process.exit).'),

  TOOL_SPEC: row('effects', 'error', 'escalate',
    'A tool or a tool bus was declared with something that makes no sense; the message names the field and the value.'),
  TOOL_CALL: row('effects', 'error', 'escalate',
    'A tool bus was told something malformed, or a `callId` was used for two different calls.'),
  TOOL_BUSY: row('effects', 'warning', 'breaker', 'As many calls are open at the tool bus as its `callsMax` allows.'),
  TOOL_RATE_LIMITED: row('effects', 'warning', 'retry',
    "The tool is called as often as its `rate` allows; `retryAfterMs` says when it would be this call's turn."),
  TOOL_REFUSED: row('effects', 'error', 'escalate',
    'A processor of the tool bus refused the call; the message says why.'),
  TOOL_PROCESSOR: row('effects', 'error', 'escalate',
    'A processor of the tool bus threw, took too long or answered with nonsense; what the call came to is kept back.'),
  TOOL_UNKNOWN: row('effects', 'error', 'escalate', 'The tool bus has no tool of this name.'),
  TOOL_NOT_GRANTED: row('effects', 'error', 'escalate', 'Whoever calls has no grant for this tool.'),
  TOOL_DEPTH: row('effects', 'error', 'escalate',
    'Tools called tools that called tools, deeper than the `depthMax` of the bus.'),
  TOOL_CYCLE: row('effects', 'error', 'escalate',
    'By these grants an actor that is a tool could call itself, over other tools or at once.'),
  TOOL_ARGS: row('effects', 'error', 'escalate',
    "The arguments do not match the tool's input schema, or are too large; see `issues`."),
  TOOL_DENIED: row('effects', 'error', 'escalate', 'The call needs an approval and was rejected, or may not be made.'),
  TOOL_FAILED: row('effects', 'error', 'retry', 'The tool threw; see `cause`.'),
  TOOL_TIMEOUT: row('effects', 'error', 'retry', 'The tool took longer than its `timeoutMs` and was stopped.'),
  TOOL_RESULT: row('effects', 'error', 'escalate',
    "The tool's result does not match its output schema, is too large, or cannot be carried."),
  TOOL_CANCELLED: row('effects', 'warning', 'ignore', 'The call was cancelled before it had a result.'),
  TOOL_CALL_UNKNOWN: row('effects', 'error', 'escalate', 'No such call is open, or ever was.'),
  TOOL_PATH: row('effects', 'error', 'escalate',
    "A file tool was given a path that leads out of its folder, or to something that is no file it may touch."),
  TOOL_HOST: row('effects', 'error', 'escalate',
    'A URL, or a redirect, leads to a host or an address that the tool may not reach.'),
  TOOL_LIMIT: row('effects', 'error', 'escalate', 'What a tool was to read, write or compute is over its limit.'),
  TOOL_CONTENT: row('effects', 'error', 'escalate',
    'What a tool was to read is not of the kind it reads: no text, no table, no expression.'),
  APPROVAL_ANSWERED: row('effects', 'error', 'escalate',
    'The approval has been given or refused, or is not waited for.'),
  APPROVAL_FORBIDDEN: row('effects', 'error', 'escalate', 'This principal may not answer for this call.'),
  GRANT_FORBIDDEN: row('effects', 'error', 'escalate', 'This principal may not grant or revoke.'),

  // workflows
  WORKFLOW_FLOW: row('workflows', 'error', 'escalate',
    'A part of a flow is wrong: its id, a field, or what it is made of. The message names it.'),
  WORKFLOW_CHANGED: row('workflows', 'error', 'reload',
    'A stored run is at a place that the flow of this version does not have. Deploy one that fits, or stop the run.'),
  WORKFLOW_FAILED: row('workflows', 'error', 'escalate',
    'A run has failed for good: `field` is the step, `cause` says why. What it had done and can be undone was undone.'),
  WORKFLOW_CANCELLED: row('workflows', 'warning', 'ignore', 'The run was cancelled; `value` is the reason given.'),
  WORKFLOW_TIMEOUT: row('workflows', 'error', 'retry', 'A part of a run took longer than its `timeoutMs`.'),
  WORKFLOW_NO_CASE: row('workflows', 'error', 'escalate', 'A `conditional` chose what is none of its cases.'),
  WORKFLOW_LOOP_LIMIT: row('workflows', 'error', 'escalate', 'A `loop` has not ended after `turnsMax` turns.'),
  WORKFLOW_ITEMS: row('workflows', 'error', 'escalate',
    'What a `mapReduce` or `pipeline` is to go through is no list, or longer than 10,000.'),
  WORKFLOW_ACTOR_ENDED: row('workflows', 'error', 'restart',
    "A step's actor was stopped before it had an output."),
  WORKFLOW_OVER: row('workflows', 'warning', 'ignore',
    'The run is over, or ends: it takes no signal, and cannot be cancelled. Once it is over, neither suspended.'),
  WORKFLOW_SIGNAL_UNKNOWN: row('workflows', 'error', 'escalate',
    'No part of the flow waits for a signal of this name.'),
  WORKFLOW_SIGNALS_FULL: row('workflows', 'error', 'retry',
    'So many signals of this name wait to be taken already (`signalsMax`).'),
  WORKFLOW_QUERY_UNKNOWN: row('workflows', 'error', 'escalate', 'The workflow has no query of this name.'),
  WORKFLOW_WAITING_FULL: row('workflows', 'error', 'retry', 'A thousand wait already for the result of the run.'),

  // agents
  AGENT_SPEC: row('agents', 'error', 'escalate',
    'An agent was declared with something that makes no sense; the message names the field and the value.'),
  AGENT_INPUT: row('agents', 'error', 'escalate',
    'A run of an agent was started with something it cannot begin with; the message names the field and the value.'),
  AGENT_FAILED: row('agents', 'error', 'escalate',
    'A run of an agent came to no answer; `cause` says why: what its model threw, for instance.'),
  AGENT_LIMIT: row('agents', 'error', 'escalate',
    'A run of an agent has used up a limit before it had an answer: `field` names it (`limits.costUsd`).'),
  AGENT_TOOL_UNKNOWN: row('agents', 'error', 'escalate',
    'An agent names a tool that its bus does not show it: there is none of that name, no grant for it, or no bus.'),
  AGENT_EMPTY: row('agents', 'error', 'retry', 'The model answered with nothing at all.'),
  AGENT_DEPTH: row('agents', 'error', 'escalate', 'Agents called agents that called agents, deeper than is allowed.'),
  AGENT_CANCELLED: row('agents', 'warning', 'ignore', 'The run was cancelled; `value` is the reason given.'),
  AGENT_OVER: row('agents', 'warning', 'ignore', 'The run of an agent is over: it cannot be cancelled.'),
  AGENT_WAITING_FULL: row('agents', 'error', 'retry', 'A thousand wait already for the result of the run.'),

  // journaling
  JOURNAL_FULL: row('journaling', 'error', 'retry',
    'The disk is full. Nothing was accepted; free space and try again.'),
  JOURNAL_WRITE: row('journaling', 'error', 'retry',
    'A write to the journal failed; nothing of it was accepted. See `cause`.'),
  JOURNAL_UNWRITABLE: row('journaling', 'fatal', 'escalate', "The journal's folder cannot be created or written."),
  JOURNAL_MISSING: row('journaling', 'error', 'escalate', 'There is no journal in the folder that was to be read.'),
  JOURNAL_CLOSED: row('journaling', 'error', 'escalate', 'The journal was closed while it was being read.'),
  NOT_A_JOURNAL: row('journaling', 'fatal', 'escalate', 'The folder holds something that is not a journal.'),
  JOURNAL_NEWER: row('journaling', 'fatal', 'reload', 'The journal was written by a newer version of the kernel.'),
  JOURNAL_IN_USE: row('journaling', 'fatal', 'escalate', 'Another process has the journal open.'),
  JOURNAL_FILE_SYSTEM: row('journaling', 'warning', 'escalate',
    "The journal's folder is on a network, user-space or container file system, where a power cut may cost more."),
  CLOCK_WENT_BACK: row('journaling', 'warning', 'ignore',
    "The machine's clock stands before the journal's last record; timers set before are late by as much."),
  JOURNAL_CORRUPT: row('journaling', 'fatal', 'escalate',
    "A record's length or checksum is wrong; the message names the record."),

  NOT_AN_EXPORT: row('journaling', 'error', 'escalate',
    'The file is no export of a journal, or cannot be read; nothing was imported.'),
  EXPORT_NEWER: row('journaling', 'error', 'reload',
    'The export was written by a newer version of the kernel; import it with that.'),
  EXPORT_DAMAGED: row('journaling', 'error', 'escalate',
    'The export was cut, changed or put together of parts; the message names the line. Nothing was imported.'),
  IMPORT_TARGET: row('journaling', 'error', 'escalate',
    'The folder to import into is not empty; give a new one.'),
  HISTORY_GONE: row('journaling', 'error', 'escalate',
    'The history asked for is older than what is kept; the message names the oldest turn there is.'),

  // recovering
  STATE_UNKNOWN: row('recovering', 'error', 'reload',
    'A stored state does not fit the definition; the actor keeps its mail and waits for a definition that fits.'),
  STATE_VERSION: row('recovering', 'error', 'reload',
    'A stored state has another version and no migration leads from it; the actor keeps its mail and waits.'),

  // threads
  THREAD_LOST: row('threads', 'error', 'failover', 'A thread ended; its actors continue on another one.'),
  THREAD_START: row('threads', 'fatal', 'escalate', 'A thread did not become ready in time, or failed while starting.'),

  // shutting down
  SYSTEM_STOPPING: row('shutting down', 'error', 'escalate', 'The system is stopping and accepts nothing new.'),
  SYSTEM_STOPPED: row('shutting down', 'error', 'escalate', 'The system has stopped.'),
});

/** A code of the kernel. Stable: a code is never renamed and never changes its meaning. */
export type ErrorCode = keyof typeof errorTable;
