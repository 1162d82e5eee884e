%% Workers have the terms of a series computed, one after the other, by a process for each rate.
-module(logistic_map).
-export([run/1]).

run([Terms, Series, Burst]) ->
    Self = self(),
    Computers = [spawn_link(fun() -> compute(3.46 + At * 0.0025) end) || At <- lists:seq(0, Series - 1)],
    Workers = [spawn_link(fun() -> work(At * 0.0025, Computer, Self) end)
               || {At, Computer} <- lists:zip(lists:seq(0, Series - 1), Computers)],
    self() ! more,
    order(Terms, Burst div Series, Workers),
    [Worker ! get || Worker <- Workers],
    [lists:foldl(fun(Worker, Sum) -> receive {term, Worker, Term} -> Sum + Term end end, 0, Workers)].

order(0, _, _) ->
    receive
        more -> done
    end;
order(Left, Rounds, Workers) ->
    receive
        more ->
            Sent = min(Left, Rounds),
            [Worker ! next || _ <- lists:seq(1, Sent), Worker <- Workers],
            self() ! more,
            order(Left - Sent, Rounds, Workers)
    end.

%% What comes while a term is computed stays in the mailbox: a receive takes what it names,
%% and passes over what came before the reference was made.
work(Term, Computer, Leader) ->
    receive
        next ->
            Ref = make_ref(),
            Computer ! {compute, self(), Ref, Term},
            receive
                {result, Ref, Result} -> work(Result, Computer, Leader)
            end;
        get ->
            Leader ! {term, self(), Term}
    end.

compute(Rate) ->
    receive
        {compute, From, Ref, Term} ->
            From ! {result, Ref, Rate * Term * (1 - Term)},
            compute(Rate)
    end.
