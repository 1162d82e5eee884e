%% Candidates for primes run along a chain of filters, each with so many primes.
-module(sieve).
-export([run/1]).

run([Limit, PrimesEach, Burst]) ->
    Self = self(),
    First = spawn_link(fun() -> filter(1, [2], 1, PrimesEach, none, Self) end),
    self() ! more,
    produce(3, Limit, Burst, First),
    receive
        {primes, Primes} -> [Primes]
    end.

produce(Candidate, Limit, Burst, First) ->
    receive
        more when Candidate < Limit ->
            Next = send(Candidate, min(Limit, Candidate + 2 * Burst), First),
            self() ! more,
            produce(Next, Limit, Burst, First);
        more ->
            First ! done
    end.

send(Candidate, End, First) when Candidate < End ->
    First ! {candidate, Candidate},
    send(Candidate + 2, End, First);
send(Candidate, _, _) ->
    Candidate.

%% Primes are tried in the order found, so the newest goes to the end.
filter(Id, Primes, Count, PrimesEach, Next, Leader) ->
    receive
        {candidate, Candidate} ->
            case is_prime_among(Candidate, Primes) of
                false ->
                    filter(Id, Primes, Count, PrimesEach, Next, Leader);
                true when Next =/= none ->
                    Next ! {candidate, Candidate},
                    filter(Id, Primes, Count, PrimesEach, Next, Leader);
                true when Count < PrimesEach ->
                    filter(Id, Primes ++ [Candidate], Count + 1, PrimesEach, Next, Leader);
                true ->
                    Filter = spawn_link(fun() -> filter(Id + 1, [Candidate], 1, PrimesEach, none, Leader) end),
                    filter(Id, Primes, Count, PrimesEach, Filter, Leader)
            end;
        done when Next =/= none ->
            Next ! done,
            filter(Id, Primes, Count, PrimesEach, Next, Leader);
        done ->
            Leader ! {primes, (Id - 1) * PrimesEach + Count}
    end.

is_prime_among(_, []) -> true;
is_prime_among(Candidate, [Prime | _]) when Candidate rem Prime =:= 0 -> false;
is_prime_among(Candidate, [_ | Rest]) -> is_prime_among(Candidate, Rest).
