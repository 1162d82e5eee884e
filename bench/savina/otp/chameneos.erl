%% Creatures meet in pairs at one place and change colours.
-module(chameneos).
-export([run/1]).

run([Creatures, Meetings]) ->
    Mall = self(),
    [spawn_link(fun() -> Mall ! {meet, self(), At rem 3}, creature(Mall, At rem 3, 0) end)
     || At <- lists:seq(0, Creatures - 1)],
    [mall(Meetings, none, Creatures, 0)].

mall(_Left, _Waiting, 0, Sum) ->
    Sum;
mall(Left, Waiting, Creatures, Sum) ->
    receive
        {meet, From, _} when Left =:= 0 ->
            From ! {faded, self()},
            mall(Left, Waiting, Creatures, Sum);
        {meet, From, _} when Waiting =:= none ->
            mall(Left, From, Creatures, Sum);
        {meet, _, _} = Message ->
            Waiting ! Message,
            mall(Left - 1, none, Creatures, Sum);
        {met, Count} ->
            mall(Left, Waiting, Creatures - 1, Sum + Count)
    end.

creature(Mall, Colour, Count) ->
    receive
        {meet, Other, OtherColour} ->
            New = complement(Colour, OtherColour),
            Other ! {change, New},
            Mall ! {meet, self(), New},
            creature(Mall, New, Count + 1);
        {change, New} ->
            Mall ! {meet, self(), New},
            creature(Mall, New, Count + 1);
        {faded, _} ->
            Mall ! {met, Count}
    end.

complement(Same, Same) -> Same;
complement(Own, Other) -> 3 - Own - Other.
