sqlite3 base.db <<'END'
pragma journal_mode=wal;
create table t(a integer primary key, b text);
with recursive n(x) as (select 1 union all select x + 1 from n where x < 5000)
    insert into t select x, hex(x * 7919) from n;
create index i on t(b);
begin; delete from t where a % 3 = 0; rollback;
select count(*), sum(length(b)) from t;
select * from t where b like '3%' order by b desc limit 3;
pragma integrity_check;
vacuum;
END
sqlite3 base.db '.backup copy.db'; sqlite3 copy.db 'select max(a) from t; select wrong' || echo "status $?"
