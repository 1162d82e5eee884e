%% All are made, and each reports that it is up.
-module(spawn).
-export([run/1]).

run([Actors]) ->
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! up, idle() end) || _ <- lists:seq(1, Actors)],
    [length([receive up -> ok end || _ <- Pids])].

idle() ->
    receive
        hello -> idle()
    end.
