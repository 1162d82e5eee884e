%% A token goes round.
-module(thread_ring).
-export([run/1]).

run([Actors, Hops]) ->
    Self = self(),
    Pids = [spawn_link(fun() -> wait(At, Self) end) || At <- lists:seq(0, Actors - 1)],
    [First | Rest] = Pids,
    [Pid ! {next, Next} || {Pid, Next} <- lists:zip(Pids, Rest ++ [First])],
    First ! {token, Hops},
    receive
        {ended, At} -> [At]
    end.

wait(At, Parent) ->
    receive
        {next, Next} -> pass(At, Next, Parent)
    end.

pass(At, Next, Parent) ->
    receive
        {token, 0} ->
            Parent ! {ended, At},
            pass(At, Next, Parent);
        {token, Left} ->
            Next ! {token, Left - 1},
            pass(At, Next, Parent)
    end.
