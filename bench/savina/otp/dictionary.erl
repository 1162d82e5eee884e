%% Workers read and write a dictionary that one process has.
-module(dictionary).
-export([run/1]).

run([Workers, Requests, WritePercent, Entries]) ->
    Self = self(),
    Dictionary = spawn_link(fun() -> serve(maps:from_list([{Key, Key} || Key <- lists:seq(0, Entries - 1)])) end),
    [spawn_link(fun() -> work(At, Requests, 0, WritePercent, Dictionary, Self) end) || At <- lists:seq(0, Workers - 1)],
    Replies = lists:sum([receive {worked, Count} -> Count end || _ <- lists:seq(1, Workers)]),
    Dictionary ! {size, Self},
    receive
        {size, Size} -> [Replies, Size]
    end.

work(_, Requests, Requests, _, _, Leader) ->
    Leader ! {worked, Requests};
work(Value, Requests, Count, WritePercent, Dictionary, Leader) ->
    Chance = savina:key(Value),
    Key = savina:key(Chance),
    case savina:below(Chance, 100) < WritePercent of
        true -> Dictionary ! {write, self(), Key, Count};
        false -> Dictionary ! {read, self(), Key}
    end,
    receive
        {result, _} -> work(Key, Requests, Count + 1, WritePercent, Dictionary, Leader)
    end.

serve(Map) ->
    receive
        {write, From, Key, Value} ->
            From ! {result, Value},
            serve(Map#{Key => Value});
        {read, From, Key} ->
            From ! {result, maps:get(Key, Map, none)},
            serve(Map);
        {size, From} ->
            From ! {size, map_size(Map)}
    end.
