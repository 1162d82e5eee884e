%% One arbiter lets one of many smokers smoke, again and again.
-module(smokers).
-export([run/1]).

run([Rounds, Smokers]) ->
    Self = self(),
    Pids = list_to_tuple([spawn_link(fun() -> smoke(At, Self) end) || At <- lists:seq(0, Smokers - 1)]),
    [Rounds, arbitrate(0, Rounds, Rounds * Smokers, Pids, 0)].

arbitrate(Rounds, Rounds, _, _, Turns) ->
    Turns;
arbitrate(Round, Rounds, Value, Pids, Turns) ->
    Chosen = savina:next(Value),
    Steps = savina:next(Chosen),
    element(Chosen rem tuple_size(Pids) + 1, Pids) ! {smoke, Steps rem 1000 + 10},
    receive
        {started, At} -> arbitrate(Round + 1, Rounds, Steps, Pids, Turns + At * (Round + 1))
    end.

smoke(At, Arbiter) ->
    receive
        {smoke, Steps} ->
            Arbiter ! {started, At},
            wait(Steps),
            smoke(At, Arbiter)
    end.

wait(0) -> done;
wait(Steps) -> wait(Steps - 1).
