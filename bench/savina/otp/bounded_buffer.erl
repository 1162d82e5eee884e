%% Producers, consumers, and between them a buffer with room for so many.
-module(bounded_buffer).
-export([run/1]).

run([Capacity, Producers, Consumers, Items, ProduceCost, ConsumeCost]) ->
    Self = self(),
    Idle = [spawn_link(fun() -> consume(0.0, 0, 0, ConsumeCost, Self) end) || _ <- lists:seq(1, Consumers)],
    Busy = [spawn_link(fun() -> produce(0.0, 0, Items, ProduceCost, Self) end) || _ <- lists:seq(1, Producers)],
    [Pid ! produce || Pid <- Busy],
    Room = Capacity - Producers,
    Overfull = serve(queue:new(), 0, queue:new(), queue:from_list(Idle), Consumers, Consumers, Producers, Room, Capacity, 0),
    [Pid ! done || Pid <- Idle],
    Results = [receive {consumed, Count, Numbers} -> {Count, Numbers} end || _ <- Idle],
    {Counts, Numbers} = lists:unzip(Results),
    [lists:sum(Counts), lists:sum(Numbers), Overfull].

%% Pending items, how many; producers that wait; consumers that wait, how many of how many; producers at work.
serve(_, 0, _, _, Waiting, Waiting, 0, _, _, Overfull) ->
    Overfull;
serve(Pending, Count, Blocked, Idle, Waiting, Consumers, Producers, Room, Capacity, Overfull) ->
    receive
        {item, From, _, _} = Item ->
            {Pending2, Count2, Idle2, Waiting2} =
                case queue:out(Idle) of
                    {empty, _} ->
                        {queue:in(Item, Pending), Count + 1, Idle, Waiting};
                    {{value, Consumer}, Rest} ->
                        Consumer ! Item,
                        {Pending, Count, Rest, Waiting - 1}
                end,
            Overfull2 = if Count2 > Capacity -> Overfull + 1; true -> Overfull end,
            Blocked2 =
                if
                    Count2 >= Room -> queue:in(From, Blocked);
                    true -> From ! produce, Blocked
                end,
            serve(Pending2, Count2, Blocked2, Idle2, Waiting2, Consumers, Producers, Room, Capacity, Overfull2);
        {available, Consumer} ->
            case queue:out(Pending) of
                {empty, _} ->
                    Idle2 = queue:in(Consumer, Idle),
                    serve(Pending, Count, Blocked, Idle2, Waiting + 1, Consumers, Producers, Room, Capacity, Overfull);
                {{value, Item}, Pending2} ->
                    Consumer ! Item,
                    Blocked2 =
                        case queue:out(Blocked) of
                            {empty, _} -> Blocked;
                            {{value, Producer}, Rest} -> Producer ! produce, Rest
                        end,
                    serve(Pending2, Count - 1, Blocked2, Idle, Waiting, Consumers, Producers, Room, Capacity, Overfull)
            end;
        produced ->
            serve(Pending, Count, Blocked, Idle, Waiting, Consumers, Producers - 1, Room, Capacity, Overfull)
    end.

produce(_, Items, Items, _, Manager) ->
    receive
        produce -> Manager ! produced
    end;
produce(Item, Count, Items, Cost, Manager) ->
    receive
        produce ->
            Next = savina:work(Item, Cost),
            Manager ! {item, self(), Next, Count + 1},
            produce(Next, Count + 1, Items, Cost, Manager)
    end.

consume(Item, Count, Numbers, Cost, Manager) ->
    receive
        {item, _, Value, Number} ->
            Next = savina:work(Item + Value, Cost),
            Manager ! {available, self()},
            consume(Next, Count + 1, Numbers + Number, Cost, Manager);
        done ->
            Manager ! {consumed, Count, Numbers}
    end.
