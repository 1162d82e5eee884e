%% A teller has amounts moved between accounts; an account that waits for the other lets the rest wait,
%% and passes over what came before its reference was made.
-module(banking).
-export([run/1]).

run([Accounts, Transactions, Burst]) ->
    Pids = list_to_tuple([spawn_link(fun() -> account(1000000) end) || _ <- lists:seq(1, Accounts)]),
    self() ! more,
    order(Transactions, 0, Burst, 123456, Accounts, Pids),
    [Pid ! {balance, self()} || Pid <- tuple_to_list(Pids)],
    Balances = [receive {balance, Balance} -> Balance end || _ <- lists:seq(1, Accounts)],
    [Transactions, lists:sum(Balances)].

%% What is completed is counted as it comes: left in the mailbox, every burst would walk over it.
order(Left, Open, Burst, Value, Accounts, Pids) ->
    receive
        completed ->
            order(Left, Open - 1, Burst, Value, Accounts, Pids);
        more when Left > 0 ->
            Sent = min(Left, Burst),
            Next = send(Sent, Value, Accounts, Pids),
            self() ! more,
            order(Left - Sent, Open + Sent, Burst, Next, Accounts, Pids);
        more ->
            replies(Open)
    end.

send(0, Value, _, _) ->
    Value;
send(Left, Value, Accounts, Pids) ->
    From = savina:next(Value),
    To = savina:next(From),
    Cents = savina:next(To),
    Source = From rem (Accounts div 10 * 8),
    Target = Source + max(To rem (Accounts - Source), 1),
    element(Source + 1, Pids) ! {credit, self(), Cents rem 1000 + 1, element(Target + 1, Pids)},
    send(Left - 1, Cents, Accounts, Pids).

replies(0) ->
    done;
replies(Left) ->
    receive
        completed -> replies(Left - 1)
    end.

account(Balance) ->
    receive
        {debit, From, Ref, Cents} ->
            From ! {debited, Ref},
            account(Balance + Cents);
        {credit, Teller, Cents, Target} ->
            Ref = make_ref(),
            Target ! {debit, self(), Ref, Cents},
            receive
                {debited, Ref} -> Teller ! completed
            end,
            account(Balance - Cents);
        {balance, From} ->
            From ! {balance, Balance}
    end.
