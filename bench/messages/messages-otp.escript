#!/usr/bin/env escript
%% Erlang's own figures for messages: plain sends between processes, gen_server:call, spawns.
%%
%%   escript messages-otp.escript tell WARMUP COUNT AHEAD
%%   escript messages-otp.escript ask WARMUP COUNT IDLECOUNT PAUSEMS MANY AHEAD
%%   escript messages-otp.escript ping WARMUP COUNT
%%   escript messages-otp.escript many COUNT
%%
%% Prints one line of JSON: figures, and what was done and must have been (`done`, `expected`).
-mode(compile).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2]).

-define(PARTS, 4).

main([What | Args]) ->
    Numbers = [list_to_integer(Arg) || Arg <- Args],
    %% In a process of its own: that of the script has a group leader and a heap with its past.
    {Pid, Ref} = spawn_monitor(fun() -> exit({figures, run(What, Numbers)}) end),
    receive
        {'DOWN', Ref, process, Pid, {figures, Figures}} -> print(Figures);
        {'DOWN', Ref, process, Pid, Reason} -> io:format(standard_error, "~p~n", [Reason]), halt(1)
    end.

print(Figures) ->
    All = Figures ++ [{"otpRelease", list_to_integer(erlang:system_info(otp_release))}],
    Texts = [io_lib:format("\"~s\":~p", [Name, Value]) || {Name, Value} <- All],
    io:format("{~s}~n", [lists:join(",", Texts)]).

run("tell", [WarmUp, Count, Ahead]) ->
    Tally = spawn_link(fun() -> tally(0) end),
    Before = tell_all(Tally, WarmUp, Ahead),
    Before = total(Tally),
    Begin = now_ns(),
    Sum = tell_all(Tally, Count, Ahead),
    Total = total(Tally),
    End = now_ns(),
    [{"perSecond", Count * 1.0e9 / (End - Begin)}, {"done", Total}, {"expected", Before + Sum}];

run("ask", [WarmUp, Count, IdleCount, PauseMs, Many, Ahead]) ->
    {ok, Server} = gen_server:start_link(?MODULE, 0, []),
    _ = ask_all(Server, WarmUp, 0),
    Busy = lists:sort(ask_all(Server, Count, 0)),
    Idle = lists:sort(ask_all(Server, IdleCount, PauseMs)),
    Each = Many div Ahead,
    Self = self(),
    Begin = now_ns(),
    Askers = [spawn_link(fun() -> ask_many(Server, Each), Self ! {done, self()} end) || _ <- lists:seq(1, Ahead)],
    [receive {done, Asker} -> ok end || Asker <- Askers],
    End = now_ns(),
    Expected = WarmUp + Count + IdleCount + Each * Ahead + 1,
    [
        {"p50Us", percentile(Busy, 0.5)}, {"p99Us", percentile(Busy, 0.99)},
        {"idleP50Us", percentile(Idle, 0.5)}, {"idleP99Us", percentile(Idle, 0.99)},
        {"manyPerSecond", Each * Ahead * 1.0e9 / (End - Begin)},
        {"done", gen_server:call(Server, next)}, {"expected", Expected}
    ];

run("ping", [WarmUp, Count]) ->
    Ping = spawn_link(fun() -> player() end),
    Pong = spawn_link(fun() -> player() end),
    WarmUp = play(Ping, Pong, WarmUp),
    Begin = now_ns(),
    Played = play(Ping, Pong, Count),
    End = now_ns(),
    [{"perSecond", Count * 1.0e9 / (End - Begin)}, {"done", Played}, {"expected", Count}];

run("many", [Count]) ->
    erlang:garbage_collect(),
    Empty = erlang:memory(total),
    Begin = now_ns(),
    Pids = [spawn(fun() -> tally(0) end) || _ <- lists:seq(1, Count)],
    %% The last one answers: all of them are there.
    0 = total(lists:last(Pids)),
    End = now_ns(),
    Alive = length([Pid || Pid <- Pids, is_process_alive(Pid)]),
    erlang:garbage_collect(),
    %% Its list of them is no part of what they occupy: two words each.
    Each = (erlang:memory(total) - Empty) / Count - 2 * erlang:system_info(wordsize),
    [
        {"perSecond", Count * 1.0e9 / (End - Begin)}, {"bytesEach", Each},
        {"done", Alive}, {"expected", Count}
    ].

%% The process that counts.
tally(Total) ->
    receive
        {add, By} -> tally(Total + By);
        {total, From, Ref} -> From ! {Ref, Total}, tally(Total)
    end.

total(Tally) ->
    await(ask_total(Tally)).

ask_total(Tally) ->
    Ref = make_ref(),
    Tally ! {total, self(), Ref},
    Ref.

await(Ref) ->
    receive
        {Ref, Total} -> Total
    end.

%% At most so many ahead, as with the other contenders.
tell_all(Tally, Count, Ahead) ->
    tell_parts(Tally, 0, Count, Ahead div ?PARTS, [], 0).

tell_parts(_, At, Count, _, Refs, Sum) when At >= Count ->
    [await(Ref) || Ref <- Refs],
    Sum;
tell_parts(Tally, At, Count, Part, Refs, Sum) ->
    End = min(Count, At + Part),
    Sent = tell(Tally, At, End, 0),
    Asked = Refs ++ [ask_total(Tally)],
    Left =
        case length(Asked) < ?PARTS of
            true -> Asked;
            false -> await(hd(Asked)), tl(Asked)
        end,
    tell_parts(Tally, End, Count, Part, Left, Sum + Sent).

tell(_, End, End, Sum) ->
    Sum;
tell(Tally, At, End, Sum) ->
    By = At rem 7 + 1,
    Tally ! {add, By},
    tell(Tally, At + 1, End, Sum + By).

%% The server that counts.
init(Total) ->
    {ok, Total}.

handle_call(next, _From, Total) ->
    {reply, Total + 1, Total + 1}.

handle_cast(_, Total) ->
    {noreply, Total}.

ask_all(Server, Count, PauseMs) ->
    [ask(Server, PauseMs) || _ <- lists:seq(1, Count)].

ask(Server, PauseMs) ->
    PauseMs > 0 andalso timer:sleep(PauseMs),
    Begin = now_ns(),
    _ = gen_server:call(Server, next),
    now_ns() - Begin.

ask_many(_, 0) ->
    ok;
ask_many(Server, Left) ->
    _ = gen_server:call(Server, next, infinity),
    ask_many(Server, Left - 1).

%% Two that send each other a number that counts down.
player() ->
    receive
        {ball, 0, Seen, _From, Asker} -> Asker ! {played, Seen};
        {ball, Left, Seen, From, Asker} -> From ! {ball, Left - 1, Seen + 1, self(), Asker}
    end,
    player().

play(Ping, Pong, Count) ->
    Ping ! {ball, Count, 0, Pong, self()},
    receive
        {played, Seen} -> Seen
    end.

now_ns() ->
    erlang:monotonic_time(nanosecond).

percentile(Sorted, Share) ->
    lists:nth(1 + trunc((length(Sorted) - 1) * Share), Sorted) / 1000.
