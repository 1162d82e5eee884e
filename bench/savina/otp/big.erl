%% Everyone pings everyone, one ping of each on its way at a time.
-module(big).
-export([run/1]).

run([Actors, Pings]) ->
    Sink = self(),
    Pids = [spawn_link(fun() -> wait(At, Pings, Sink) end) || At <- lists:seq(0, Actors - 1)],
    Neighbours = list_to_tuple(Pids),
    [Pid ! {neighbours, Neighbours} || Pid <- Pids],
    Results = [receive {done, Pongs, FromOthers} -> {Pongs, FromOthers} end || _ <- Pids],
    {Pongs, FromOthers} = lists:unzip(Results),
    [lists:sum(Pongs), lists:sum(FromOthers)].

wait(At, Pings, Sink) ->
    receive
        {neighbours, Neighbours} -> ping(At, Neighbours, At, Pings, 0, 0, Sink)
    end.

ping(At, Neighbours, Value, 0, Pongs, FromOthers, Sink) ->
    Sink ! {done, Pongs, FromOthers},
    answer(At, Neighbours, none, Value, 0, Pongs, FromOthers, Sink);
ping(At, Neighbours, Value, Left, Pongs, FromOthers, Sink) ->
    Next = savina:next(Value),
    Target = Next rem tuple_size(Neighbours),
    element(Target + 1, Neighbours) ! {ping, At},
    answer(At, Neighbours, Target, Next, Left - 1, Pongs, FromOthers, Sink).

answer(At, Neighbours, Expected, Value, Left, Pongs, FromOthers, Sink) ->
    receive
        {ping, From} ->
            element(From + 1, Neighbours) ! {pong, At},
            answer(At, Neighbours, Expected, Value, Left, Pongs, FromOthers, Sink);
        {pong, Expected} ->
            ping(At, Neighbours, Value, Left, Pongs + 1, FromOthers, Sink);
        {pong, _} ->
            ping(At, Neighbours, Value, Left, Pongs + 1, FromOthers + 1, Sink)
    end.
