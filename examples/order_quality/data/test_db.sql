-- The orders of the database test_db, for compose.yaml: 400, each eighth of them in error, and some of those without a customer.
create table orders(id bigint, customer_id bigint, amount double precision, status text, created_at timestamp);
insert into orders
select i, case when i % 24 = 0 then null else 1000 + i * 37 % 500 end, (100 + i * 7919 % 90000) / 100.0,
       case when i % 8 = 0 then 'error' else (array['paid', 'shipped', 'оплачен', 'доставлен', 'new'])[i % 5 + 1] end,
       timestamp '2026-01-01 06:00' + i * interval '17 minutes'
from generate_series(1, 400) as i;
