%% Customers come, wait in a room or are turned away and come again, and one barber serves them.
-module(sleeping_barber).
-export([run/1]).

run([Haircuts, Room, Arrival, Haircut]) ->
    Barber = spawn_link(fun() -> barber(74755, Haircut) end),
    WaitingRoom = spawn_link(fun() -> room(queue:new(), 0, Room, true, Barber, 0) end),
    arrive(Haircuts, 74755, Arrival, WaitingRoom, self()),
    serve(Haircuts, 0, WaitingRoom).

arrive(0, _, _, _, _) ->
    done;
arrive(Left, Value, Arrival, Room, Factory) ->
    Customer = spawn_link(fun() -> customer(Factory) end),
    Room ! {enter, Customer},
    Next = savina:next(Value),
    wait(Next rem Arrival + 10),
    arrive(Left - 1, Next, Arrival, Room, Factory).

serve(Haircuts, Haircuts, Room) ->
    Room ! {stop, self()},
    receive
        {overfull, Overfull} -> [Haircuts, Overfull]
    end;
serve(Haircuts, Served, Room) ->
    receive
        {returned, Customer} ->
            Room ! {enter, Customer},
            serve(Haircuts, Served, Room);
        done ->
            serve(Haircuts, Served + 1, Room)
    end.

room(Waiting, Count, Capacity, IsAsleep, Barber, Overfull) ->
    receive
        {enter, Customer} when Count >= Capacity ->
            Customer ! full,
            room(Waiting, Count, Capacity, IsAsleep, Barber, Overfull);
        {enter, Customer} ->
            case IsAsleep of
                true -> self() ! next;
                false -> Customer ! wait
            end,
            Over = if Count + 1 > Capacity -> 1; true -> 0 end,
            room(queue:in(Customer, Waiting), Count + 1, Capacity, false, Barber, Overfull + Over);
        next ->
            case queue:out(Waiting) of
                {empty, _} ->
                    Barber ! wait,
                    room(Waiting, 0, Capacity, true, Barber, Overfull);
                {{value, Customer}, Rest} ->
                    Barber ! {enter, Customer, self()},
                    room(Rest, Count - 1, Capacity, IsAsleep, Barber, Overfull)
            end;
        {stop, From} ->
            From ! {overfull, Overfull}
    end.

barber(Value, Haircut) ->
    receive
        {enter, Customer, Room} ->
            Customer ! start,
            Next = savina:next(Value),
            wait(Next rem Haircut + 10),
            Customer ! done,
            Room ! next,
            barber(Next, Haircut);
        wait ->
            barber(Value, Haircut)
    end.

customer(Factory) ->
    receive
        full ->
            Factory ! {returned, self()},
            customer(Factory);
        wait ->
            customer(Factory);
        start ->
            customer(Factory);
        done ->
            Factory ! done
    end.

wait(0) -> done;
wait(Steps) -> wait(Steps - 1).
