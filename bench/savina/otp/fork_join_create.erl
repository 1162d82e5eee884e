%% Processes that are made, handle one message and end.
-module(fork_join_create).
-export([run/1]).

run([Actors]) ->
    [create() || _ <- lists:seq(1, Actors)],
    [ended(Actors, 0)].

create() ->
    {Pid, _} = spawn_monitor(fun() -> receive message -> savina:sine(37.2) end end),
    Pid ! message.

ended(0, Count) ->
    Count;
ended(Left, Count) ->
    receive
        {'DOWN', _, process, _, normal} -> ended(Left - 1, Count + 1)
    end.
