%% Workers read and write a sorted list, walked from its head.
-module(sorted_list).
-export([run/1]).

run([Workers, Requests, WritePercent, SizePercent]) ->
    Self = self(),
    List = spawn_link(fun() -> serve([]) end),
    Chances = {WritePercent, SizePercent},
    [spawn_link(fun() -> work(At, Requests, 0, Chances, List, Self) end) || At <- lists:seq(0, Workers - 1)],
    Replies = lists:sum([receive {worked, Count} -> Count end || _ <- lists:seq(1, Workers)]),
    List ! {list, Self},
    receive
        {list, Values} ->
            IsSorted = case lists:sort(Values) of Values -> 1; _ -> 0 end,
            [Replies, length(Values), IsSorted]
    end.

work(_, Requests, Requests, _, _, Leader) ->
    Leader ! {worked, Requests};
work(Value, Requests, Count, {WritePercent, SizePercent} = Chances, List, Leader) ->
    Next = savina:next(Value),
    Chance = Next rem 100,
    Last =
        if
            Chance < SizePercent ->
                List ! {size, self()},
                Next;
            Chance < SizePercent + WritePercent ->
                Item = savina:next(Next),
                List ! {write, self(), Item},
                Item;
            true ->
                Item = savina:next(Next),
                List ! {contains, self(), Item},
                Item
        end,
    receive
        {result, _} -> work(Last, Requests, Count + 1, Chances, List, Leader)
    end.

serve(List) ->
    receive
        {write, From, Value} ->
            From ! {result, Value},
            serve(add(Value, List));
        {contains, From, Value} ->
            From ! {result, contains(Value, List)},
            serve(List);
        {size, From} ->
            From ! {result, length(List)},
            serve(List);
        {list, From} ->
            From ! {list, List}
    end.

add(Value, [Head | Tail]) when Value >= Head -> [Head | add(Value, Tail)];
add(Value, List) -> [Value | List].

%% To the end when it is not there, as in Savina.
contains(_, []) -> 0;
contains(Value, [Value | _]) -> 1;
contains(Value, [_ | Tail]) -> contains(Value, Tail).
