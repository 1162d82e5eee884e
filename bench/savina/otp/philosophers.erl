%% They share forks, and an arbiter hands out both or none.
-module(philosophers).
-export([run/1]).

run([Philosophers, Rounds]) ->
    Arbiter = self(),
    Pids = [spawn_link(fun() -> think(At, Rounds, Arbiter) end) || At <- lists:seq(0, Philosophers - 1)],
    [Pid ! start || Pid <- Pids],
    Forks = maps:from_list([{At, free} || At <- lists:seq(0, Philosophers - 1)]),
    serve(Forks, Philosophers, Philosophers, 0, 0).

serve(_, _, 0, Meals, Clashes) ->
    [Meals, Clashes];
serve(Forks, Count, Left, Meals, Clashes) ->
    receive
        {hungry, From, At} ->
            Right = (At + 1) rem Count,
            case Forks of
                #{At := free, Right := free} ->
                    From ! eat,
                    serve(Forks#{At := taken, Right := taken}, Count, Left, Meals, Clashes);
                _ ->
                    From ! denied,
                    serve(Forks, Count, Left, Meals, Clashes)
            end;
        {done, At} ->
            Right = (At + 1) rem Count,
            Clash = case Forks of #{At := taken, Right := taken} -> 0; _ -> 1 end,
            serve(Forks#{At := free, Right := free}, Count, Left, Meals + 1, Clashes + Clash);
        exit ->
            serve(Forks, Count, Left - 1, Meals, Clashes)
    end.

think(At, Left, Arbiter) ->
    receive
        start ->
            Arbiter ! {hungry, self(), At},
            think(At, Left, Arbiter);
        denied ->
            Arbiter ! {hungry, self(), At},
            think(At, Left, Arbiter);
        eat ->
            Arbiter ! {done, At},
            if
                Left > 1 ->
                    self() ! start,
                    think(At, Left - 1, Arbiter);
                true ->
                    Arbiter ! exit
            end
    end.
