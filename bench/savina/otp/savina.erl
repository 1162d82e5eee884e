%% Goes through a program again and again, as repeat.ts does, and says how long each run took and what came out.
%%
%%   erl -noshell -pa EBIN -run savina main MODULE BUDGETMS RUNSMAX PARAMETER...
%%
%% A program exports run([Parameter]) -> [Number]. Each run has a process of its own, to which whatever it starts is
%% linked: all of it is gone before the next run begins.
-module(savina).
-export([main/1, next/1, below/2, key/1, sine/1, work/2]).

main([Module | Numbers]) ->
    [BudgetMs, RunsMax | Parameters] = [list_to_integer(Number) || Number <- Numbers],
    ok = logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    Run = fun() -> run(list_to_atom(Module), Parameters) end,
    First = Run(),
    Runs = repeat(Run, BudgetMs * 1000000, RunsMax, []),
    io:format("{\"timesMs\":[~s],\"outcomes\":[~s]}~n", [
        join([io_lib:format("~.6f", [Ns / 1.0e6]) || {Ns, _} <- Runs]),
        join([["[", join([format(Number) || Number <- Outcome]), "]"] || {_, Outcome} <- [First | Runs]])
    ]),
    halt().

repeat(_Run, LeftNs, RunsLeft, Runs) when Runs =/= [], (LeftNs =< 0 orelse RunsLeft =:= 0) ->
    Runs;
repeat(Run, LeftNs, RunsLeft, Runs) ->
    {Ns, _} = Done = Run(),
    repeat(Run, LeftNs - Ns, RunsLeft - 1, [Done | Runs]).

run(Module, Parameters) ->
    Self = self(),
    Pid = spawn_link(fun() ->
        Begin = erlang:monotonic_time(nanosecond),
        Outcome = Module:run(Parameters),
        Self ! {self(), erlang:monotonic_time(nanosecond) - Begin, Outcome},
        exit(shutdown)
    end),
    receive
        {Pid, Ns, Outcome} ->
            receive
                {'EXIT', Pid, shutdown} -> {Ns, Outcome}
            end;
        {'EXIT', Pid, Reason} ->
            io:format(standard_error, "~p~n", [Reason]),
            halt(1)
    end.

join(Texts) ->
    lists:join(",", Texts).

format(Number) when is_integer(Number) -> integer_to_list(Number);
format(Number) -> float_to_list(Number, [{scientific, 17}]).

%% As in random.ts: the value is the state.
next(Value) ->
    (Value * 1309 + 13849) band 65535.

key(Value) ->
    (Value * 1103515245 + 12345) band 16#7fffffff.

below(Value, End) ->
    (Value bsr 8) rem End.

%% As in compute.ts.
sine(Theta) ->
    Sine = math:sin(Theta),
    Sine * Sine.

work(Term, Cost) ->
    work(Term, Cost * 100, Cost).

work(Term, 0, _) ->
    Term;
work(Term, Left, Value) ->
    Next = next(Value),
    work(Term + math:log(1 / (Next + 1) + 0.01), Left - 1, Next).
