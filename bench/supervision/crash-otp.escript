#!/usr/bin/env escript
%% OTP's own figure: gen_servers below a supervisor crash, and are called again as soon as they are back.
%%
%%   escript crash-otp.escript WARMUP CRASHES ACTORS WARMUPEACH CRASHESEACH
%%
%% Prints one line of JSON. A result that does not add up ends it with an error.
%%
%% Its supervisor keeps a list of the restarts of the last second, and walks it at each restart. The list must be
%% short, as that of a real budget is: the supervisor is another one after so many crashes.
-mode(compile).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2, start_link/1]).

-define(BATCH, 100).

main(Args) ->
    [WarmUp, Crashes, Actors, WarmUpEach, CrashesEach] = [list_to_integer(Arg) || Arg <- Args],
    %% No report of a crash is formatted or written, as with the other contenders.
    ok = logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    _ = one(WarmUp, []),
    Times = lists:sort(one(Crashes, [])),
    _ = many(Actors, WarmUpEach, 0),
    Ns = many(Actors, CrashesEach, 0),
    io:format("{\"p50Us\":~.3f,\"p99Us\":~.3f,\"perSecond\":~.1f,\"otpRelease\":~s}~n", [
        percentile(Times, 0.5), percentile(Times, 0.99), Actors * CrashesEach * 1.0e9 / Ns,
        erlang:system_info(otp_release)
    ]).

%% One process, one crash after the other: nanoseconds of each.
one(0, Times) ->
    Times;
one(Left, Times) ->
    [Name] = names(1),
    Supervisor = start([Name]),
    Count = min(Left, ?BATCH),
    Batch = [crash_timed(Name) || _ <- lists:seq(1, Count)],
    stop(Supervisor),
    one(Left - Count, Batch ++ Times).

crash_timed(Name) ->
    Begin = erlang:monotonic_time(nanosecond),
    crash(Name, fun erlang:yield/0),
    erlang:monotonic_time(nanosecond) - Begin.

%% All crash once, at the same time, and that so often: nanoseconds of all of it.
many(_, 0, Ns) ->
    Ns;
many(Actors, Times, Ns) ->
    Names = names(Actors),
    Supervisor = start(Names),
    Self = self(),
    %% So many that look all the time would keep the supervisor from its work.
    Pause = fun() -> timer:sleep(1) end,
    Drivers = [spawn_link(fun() -> receive go -> crash(Name, Pause), Self ! {done, self()} end end) || Name <- Names],
    Begin = erlang:monotonic_time(nanosecond),
    [Driver ! go || Driver <- Drivers],
    [receive {done, Driver} -> ok end || Driver <- Drivers],
    End = erlang:monotonic_time(nanosecond),
    [receive {'EXIT', Driver, normal} -> ok end || Driver <- Drivers],
    stop(Supervisor),
    many(Actors, Times - 1, Ns + End - Begin).

%% The next call is the first one of a new process, or it has not crashed. Until it is back, Wait and look again.
crash(Name, Wait) ->
    gen_server:cast(Name, crash),
    1 = next(Name, Wait).

next(Name, Wait) ->
    case whereis(Name) of
        undefined ->
            Wait(),
            next(Name, Wait);
        Pid ->
            try
                gen_server:call(Pid, next, infinity)
            catch
                exit:_ -> next(Name, Wait)
            end
    end.

names(Count) ->
    [list_to_atom("fragile_" ++ integer_to_list(Number)) || Number <- lists:seq(1, Count)].

percentile(Sorted, Share) ->
    lists:nth(1 + trunc((length(Sorted) - 1) * Share), Sorted) / 1000.

%% The supervisor and its children.

start(Names) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, {supervisor, Names}),
    Supervisor.

stop(Supervisor) ->
    exit(Supervisor, shutdown),
    receive
        {'EXIT', Supervisor, _} -> ok
    end.

start_link(Name) ->
    gen_server:start_link({local, Name}, ?MODULE, worker, []).

init({supervisor, Names}) ->
    Flags = #{strategy => one_for_one, intensity => 1000000, period => 1},
    {ok, {Flags, [#{id => Name, start => {?MODULE, start_link, [Name]}} || Name <- Names]}};
init(worker) ->
    {ok, 0}.

handle_call(next, _From, Handled) ->
    {reply, Handled + 1, Handled + 1}.

handle_cast(crash, _Handled) ->
    error(told_to_crash).
