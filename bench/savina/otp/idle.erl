%% What processes that do nothing occupy: erl -noshell -pa EBIN -run idle main ACTORS
-module(idle).
-export([main/1]).

main([Text]) ->
    Actors = list_to_integer(Text),
    %% What starting the first ones takes is no part of it.
    _ = spawn_all(Actors div 100),
    Before = resident(),
    Pids = spawn_all(Actors),
    After = resident(),
    Alive = length([Pid || Pid <- Pids, is_process_alive(Pid)]),
    io:format("{\"bytesEach\":~.3f,\"alive\":~b}~n", [(After - Before) / Actors, Alive]),
    halt().

spawn_all(Count) ->
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! up, wait(0) end) || _ <- lists:seq(1, Count)],
    [receive up -> ok end || _ <- Pids],
    Pids.

wait(Count) ->
    receive
        hello -> wait(Count + 1)
    end.

%% Of the process, as the operating system sees it: in bytes.
resident() ->
    erlang:garbage_collect(),
    list_to_integer(string:trim(os:cmd("ps -o rss= -p " ++ os:getpid()))) * 1024.
