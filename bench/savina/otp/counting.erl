%% One process tells another as fast as it can.
-module(counting).
-export([run/1]).

run([Messages, Burst]) ->
    Counter = spawn_link(fun() -> count(0) end),
    self() ! more,
    produce(Messages, Burst, Counter).

produce(Left, Burst, Counter) ->
    receive
        more when Left > 0 ->
            Sent = min(Left, Burst),
            send(Sent, Counter),
            self() ! more,
            produce(Left - Sent, Burst, Counter);
        more ->
            Counter ! {retrieve, self()},
            produce(Left, Burst, Counter);
        {count, Count} ->
            [Count]
    end.

send(0, _Counter) ->
    done;
send(Left, Counter) ->
    Counter ! increment,
    send(Left - 1, Counter).

count(Count) ->
    receive
        increment -> count(Count + 1);
        {retrieve, From} -> From ! {count, Count}
    end.
