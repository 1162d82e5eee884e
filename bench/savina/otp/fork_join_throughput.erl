%% So many messages to each of the processes, by turns.
-module(fork_join_throughput).
-export([run/1]).

run([Actors, Messages, Burst]) ->
    Self = self(),
    Pids = [spawn_link(fun() -> handle(0, Messages, Self) end) || _ <- lists:seq(1, Actors)],
    self() ! more,
    produce(Messages, Burst div Actors, Pids),
    [lists:sum([receive {handled, Pid, Count} -> Count end || Pid <- Pids])].

produce(0, _Rounds, _Pids) ->
    receive
        more -> done
    end;
produce(Left, Rounds, Pids) ->
    receive
        more ->
            Sent = min(Left, Rounds),
            [Pid ! message || _ <- lists:seq(1, Sent), Pid <- Pids],
            self() ! more,
            produce(Left - Sent, Rounds, Pids)
    end.

handle(Messages, Messages, Parent) ->
    Parent ! {handled, self(), Messages};
handle(Count, Messages, Parent) ->
    receive
        message ->
            savina:sine(37.2),
            handle(Count + 1, Messages, Parent)
    end.
