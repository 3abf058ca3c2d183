/**
 * The log's own schema, safe to run at every start.
 *
 * `append` takes many appends at once. Only one transaction at a time is inside it, and it draws its positions after it got the
 * lock: positions become visible in their own order and without gaps, so a reader that asks for "after n" never steps over one.
 */
export const logSchema = /* sql */ `
select pg_advisory_xact_lock(7165112020);

create schema if not exists log;

create table if not exists log.events (
  position    bigint primary key,
  stream      text not null,
  revision    bigint not null,
  id          uuid not null,
  type        text not null,
  data        json not null,
  metadata    json not null,
  recorded_at timestamptz not null,
  unique (stream, revision),
  unique (stream, id)
);

create or replace function log.append(appends json)
returns table (outcome text, revision bigint, "position" bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  head bigint;
  item json;
  target text;
  events json;
  expected bigint;
  ids uuid[];
  current bigint;
  found_ids uuid[];
begin
  perform pg_advisory_xact_lock(7165112021);
  select coalesce(max(e.position), 0) into head from log.events e;

  for item in select value from json_array_elements(appends) loop
    -- Once each: in a query the item, which holds all the data, would be parsed again for every row.
    target := item->>'stream';
    events := item->'events';
    expected := (item->>'expected')::bigint;
    select array_agg((value->>'id')::uuid) into ids from json_array_elements(events);
    select coalesce(max(e.revision), -1) into current from log.events e where e.stream = target;

    if current = expected then
      insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
      select head + n, target, expected + n, (value->>'id')::uuid, value->>'type', value->'data', value->'metadata',
             clock_timestamp()
      from json_array_elements(events) with ordinality as each (value, n);
      head := head + array_length(ids, 1);
      return query select 'appended', expected + array_length(ids, 1), head;
      continue;
    end if;

    -- Perhaps the answer to the same append was lost: then its ids stand right behind the expected revision.
    select array_agg(e.id order by e.revision) into found_ids from log.events e
    where e.stream = target and e.revision > expected and e.revision <= expected + array_length(ids, 1);
    if found_ids = ids then
      return query select 'duplicate', e.revision, e.position from log.events e
        where e.stream = target and e.revision = expected + array_length(ids, 1);
    elsif exists (select 1 from log.events e where e.stream = target and e.id = any (ids)) then
      return query select 'id reused', null::bigint, null::bigint;
    else
      return query select 'conflict', current, null::bigint;
    end if;
  end loop;

  perform pg_notify('latchkey_log', head::text);
end $$;
`;
