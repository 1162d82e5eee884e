%% Two processes, one message on its way at a time.
-module(ping_pong).
-export([run/1]).

run([Pings]) ->
    Pong = spawn_link(fun() -> pong(0) end),
    ping(Pings, Pong),
    Pong ! {stop, self()},
    receive
        {pongs, Pongs} -> [Pongs]
    end.

%% The answer starts the next ping by a message to itself, as in Savina.
ping(0, _Pong) ->
    done;
ping(Left, Pong) ->
    Pong ! {ping, self()},
    receive
        {pong, Pong} -> self() ! next
    end,
    receive
        next -> ping(Left - 1, Pong)
    end.

pong(Count) ->
    receive
        {ping, From} ->
            From ! {pong, self()},
            pong(Count + 1);
        {stop, From} ->
            From ! {pongs, Count}
    end.
