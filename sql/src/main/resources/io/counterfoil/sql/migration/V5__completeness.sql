-- Which hours are complete: whose logs they wait for, how far each stream is proven, and what stands in the way.

create function time_of_micros(us bigint) returns timestamptz language sql immutable strict as $$
  select timestamptz 'epoch' + least(greatest(us, 0), 253402300799000000) * interval '1 microsecond'
$$;
comment on function time_of_micros is 'Of a seal''s time, whatever it says: from 1970 to 9999.';

-- So that an exclusion constraint can compare names without an extension.
create type name_range as range (subtype = text, collation = "C");

alter table edge_roster rename to edge_roster_before;
create table edge_roster (
  edge text collate "C" not null check (edge ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
  since timestamptz not null,
  until timestamptz,
  first_epoch text collate "C",
  reached_epoch text collate "C",
  through timestamptz not null,
  primary key (edge, since),
  check (until > since),
  check (through >= since),
  exclude using gist (name_range(edge, edge, '[]') with &&, tstzrange(since, until) with &&)
) with (fillfactor = 80);
comment on table edge_roster is 'Grain: edge and a time in which hours wait for its log. Until is null while that goes on.';
comment on column edge_roster.first_epoch is 'The epoch that it began with: before it the edge served nothing since then.';
comment on column edge_roster.reached_epoch is 'Up to which epoch its log is followed.';
comment on column edge_roster.through is 'Every request that ended before this is in the ledger, or was declared lost.';
-- What these edges sent before is not proven: the ledger did not keep what it takes.
insert into edge_roster (edge, since, through) select edge, now(), now() from edge_roster_before where retired_at is null;
drop table edge_roster_before;

create table edge_epoch (
  edge text collate "C" not null,
  epoch text collate "C" not null,
  streams int,
  predecessor jsonb,
  predecessor_epoch text collate "C" generated always as (predecessor->>'epoch') stored,
  contradiction text,
  settled_at timestamptz,
  lost_at timestamptz,
  batch_id bigint,
  primary key (edge, epoch)
);
create index edge_epoch_predecessor on edge_epoch (edge, predecessor_epoch);
create index edge_epoch_contradiction on edge_epoch (edge) where contradiction is not null and settled_at is null;
comment on table edge_epoch is 'What an epoch''s counted segments say of it; not of imports. Streams is null where nothing came of it.';
comment on column edge_epoch.predecessor is 'As in the seal; null: unknown.';
comment on column edge_epoch.batch_id is 'The first one that counted a segment of it.';
comment on column edge_epoch.lost_at is 'When what is missing of it was declared lost, for good: the log goes on with the next epoch.';

create table stream_coverage (
  edge text collate "C" not null,
  epoch text collate "C" not null,
  stream int not null,
  number bigint not null,
  last_seq bigint not null,
  sha256 text not null,
  through_us bigint not null,
  ended boolean not null,
  primary key (edge, epoch, stream)
) with (fillfactor = 80);
comment on table stream_coverage is
  'Up to which segment a stream is proven: each counted, without a gap in number and sequence, chained, nothing lost by a machine.';

create table source (
  source text collate "C" primary key,
  since timestamptz not null,
  closed_through timestamptz,
  closed_at timestamptz
);
comment on table source is 'An imported log. Hours from its first record''s on wait until it is closed through their end.';

create table hour_status (
  hour timestamptz primary key,
  completed_at timestamptz not null,
  revised_at timestamptz
);
comment on table hour_status is
  'When an hour was first complete, and when a merge last added to it after that. Whether it is complete now: hour_is_complete.';

create table completeness_decision (
  decision_id bigint generated always as identity primary key,
  decided_at timestamptz not null,
  actor text not null check (actor <> ''),
  decision text not null check (decision in ('register', 'retire', 'declare lost', 'close source')),
  name text collate "C" not null,
  epoch text collate "C",
  at timestamptz,
  reason text not null check (reason <> '')
);
comment on table completeness_decision is 'Who said what of the roster, of lost logs and of sources, and why. Rows stay.';

insert into source (source, since)
select edge, min(date_trunc('hour', greatest(time_of_micros(first_ts_us), '1990-01-01T00:00:00Z'), 'UTC'))
from ledger
where imported and counted > 0
group by edge;

create function hours_begin() returns timestamptz language sql stable as $$
  select date_trunc('hour', least((select min(since) from edge_roster), (select min(since) from source)), 'UTC')
$$;
comment on function hours_begin is 'The first hour that anything is known of; null: nothing is.';

create function hour_is_complete(hour timestamptz) returns boolean language sql stable as $$
  select coalesce(hour >= hours_begin(), false)
    and not exists (
      select from edge_roster r
      where r.since < hour + interval '1 hour' and coalesce(r.until, 'infinity') > hour
        and r.through < least(hour + interval '1 hour', coalesce(r.until, 'infinity')))
    and not exists (
      select from source s
      where s.since < hour + interval '1 hour' and coalesce(s.closed_through, '-infinity') < hour + interval '1 hour')
$$;

create function epoch_begins(epoch text) returns timestamptz language sql immutable as $$
  select timestamptz 'epoch' + split_part(epoch, '-', 1)::bigint * interval '1 second'
$$;
comment on function epoch_begins is 'As far as its number says: later only where the edge''s clock had stepped back.';

-- Follows an edge's log, epoch by epoch, from where it was followed to, and moves its intervals' through. Returns those that
-- moved. To be called under control_version: what others commit meanwhile would be missed.
create function advance_coverage(an_edge text, at timestamptz)
  returns table (moved_from timestamptz, moved_to timestamptz) language plpgsql as $$
declare
  place edge_roster;
  here text;
  proven timestamptz;
  known edge_epoch;
  streams record;
  onward text;
begin
  for place in
    select * from edge_roster r where r.edge = an_edge and (r.until is null or r.through < r.until) order by r.since for update
  loop
    here := coalesce(place.reached_epoch, place.first_epoch);
    proven := place.through;
    if here is null and place.until <= at then
      -- It never came, and whoever retired it says that it does not.
      proven := place.until;
    end if;
    loop
      exit when here is null or exists (
        select from edge_epoch e
        where e.edge = an_edge and e.contradiction is not null and e.settled_at is null and e.epoch >= place.first_epoch);
      select * into known from edge_epoch e where (e.edge, e.epoch) = (an_edge, here);
      exit when not found;
      select count(*) as there, coalesce(bool_and(c.ended), false) as ended, time_of_micros(max(c.through_us)) as latest,
          time_of_micros(min(c.through_us) filter (where not c.ended)) as earliest,
          coalesce(jsonb_agg(c.last_seq order by c.stream), '[]') as last_seqs
        into streams
        from stream_coverage c where (c.edge, c.epoch) = (an_edge, here) and c.stream < known.streams;
      if known.lost_at is null and (streams.there < known.streams or not streams.ended) then
        if streams.there = known.streams then
          proven := greatest(proven, streams.earliest);
        end if;
        exit;
      end if;
      proven := greatest(proven, streams.latest);
      select e.epoch into onward from edge_epoch e
        where e.edge = an_edge and e.predecessor_epoch = here
          and (known.lost_at is not null or e.predecessor->'last_seqs' = streams.last_seqs)
        order by e.epoch limit 1;
      if onward is null and known.lost_at is not null then
        select e.epoch into onward from edge_epoch e
          where e.edge = an_edge and e.epoch > here and epoch_begins(e.epoch) < coalesce(place.until, 'infinity')
            and e.contradiction is null
          order by e.epoch limit 1;
      end if;
      if onward is null then
        if not exists (
            select from edge_epoch e
            where e.edge = an_edge and e.epoch > here and epoch_begins(e.epoch) < place.until
              and (e.contradiction is null or e.predecessor_epoch = here)) then
          proven := greatest(proven, place.until);
        end if;
        exit;
      end if;
      here := onward;
    end loop;
    proven := greatest(place.through, least(proven, at, place.until));
    if proven > place.through or here is distinct from place.reached_epoch then
      update edge_roster r set through = proven, reached_epoch = here where (r.edge, r.since) = (place.edge, place.since);
      moved_from := place.through;
      moved_to := proven;
      return next;
    end if;
  end loop;
end $$;

-- Grain: a thing that keeps an edge's coverage where it is. Silence counts as one after two minutes; edges seal each minute.
create function coverage_faults(at timestamptz)
  returns table (
    edge text, since timestamptz, epoch text, stream int, kind text, fault text, missing_since timestamptz, mend text)
  language sql stable as $$
  with waiting as (
    select r.edge, r.since, r.until, r.through, r.first_epoch, coalesce(r.reached_epoch, r.first_epoch) as epoch,
      r.through < least(at - interval '2 minutes', r.until) as late
    from edge_roster r
    where (r.until is null or r.through < r.until) and r.since < at
  ), streams as (
    select w.*, s.stream, coalesce(c.number, 0) as number, coalesce(c.last_seq, 0) as last_seq, c.sha256,
      coalesce(c.ended, false) as ended, coalesce(time_of_micros(c.through_us), w.through) as proven
    from waiting w
    join edge_epoch e on (e.edge, e.epoch) = (w.edge, w.epoch) and e.lost_at is null
    cross join lateral generate_series(0, least(e.streams, 1000) - 1) s (stream)
    left join stream_coverage c on (c.edge, c.epoch, c.stream) = (w.edge, w.epoch, s.stream)
  ), ends as (
    select s.edge, s.since, bool_and(s.ended) as ended, max(s.proven) as latest,
      jsonb_agg(s.last_seq order by s.stream) as last_seqs
    from streams s
    group by s.edge, s.since
  ), following as (
    select w.edge, w.since, x.*
    from waiting w
    cross join lateral (
      select e.epoch as next_epoch, e.predecessor_epoch, e.predecessor->'last_seqs' as named_seqs
      from edge_epoch e
      where e.edge = w.edge and e.epoch > w.epoch and epoch_begins(e.epoch) < coalesce(w.until, 'infinity')
        and (e.contradiction is null or e.predecessor_epoch = w.epoch)
      order by e.epoch limit 1) x
  ), found as (
    select w.edge, w.since, w.epoch, null::int as stream,
      'no epoch of it has come' as fault, w.through as missing_since, 'silent' as kind
    from waiting w
    where w.late and w.epoch is null
    union all
    select w.edge, w.since, w.epoch, null, 'nothing came of the epoch that it said it began', w.through, 'silent'
    from waiting w
    where w.late and w.epoch is not null
      and not exists (select from edge_epoch e where (e.edge, e.epoch) = (w.edge, w.epoch) and e.streams is not null)
    union all
    select s.edge, s.since, s.epoch, s.stream, f.fault, coalesce(f.since, s.proven), f.kind
    from streams s
    left join lateral (
      select * from ledger l
      where (l.edge, l.epoch, l.stream) = (s.edge, s.epoch, s.stream) and l.number > s.number
      order by l.number limit 1) n on true
    cross join lateral (
      select
        case
          when n.number > s.number + 1 then
            case when n.number = s.number + 2 then 'segment ' || s.number + 1
              else 'segments ' || s.number + 1 || ' to ' || n.number - 1 end || ' did not come'
          when n.verdict = 'quarantined' then 'segment ' || n.number || ' is quarantined: ' || n.reason
          when n.loss_since is not null then
            'its machine died: what it served from then to its end may have no record (segment ' || n.number || ')'
          when n.first_seq <> s.last_seq + 1 then
            'segment ' || n.number || ' begins with seq ' || n.first_seq || ', expected ' || s.last_seq + 1
          when n.number is not null then
            'segment ' || n.number || ' is chained to another segment than ' || s.number
          when s.number = 0 then 'nothing came of this stream'
          else 'nothing came behind segment ' || s.number
        end as fault,
        n.loss_since as since,
        case when n.number > s.number + 1 then 'gap' when n.number is not null then 'wrong' else 'silent' end as kind) f
    where not s.ended and (n.number is not null or (s.late and s.proven < at - interval '2 minutes'))
    union all
    select w.edge, w.since, w.epoch, null,
      case
        when x.predecessor_epoch is null then 'epoch ' || x.next_epoch || ' does not know what came before it: a data folder was lost'
        when x.predecessor_epoch <> w.epoch then
          'epoch ' || x.next_epoch || ' follows on ' || x.predecessor_epoch || ', which did not come'
        else 'epoch ' || x.next_epoch || ' says that it ended with seqs ' || x.named_seqs || ', but it did with ' || e.last_seqs
      end, coalesce(e.latest, w.through), 'wrong'
    from waiting w
    join following x using (edge, since)
    left join ends e using (edge, since)
    where x.predecessor_epoch is distinct from w.epoch or (e.ended and x.named_seqs <> e.last_seqs)
    union all
    select w.edge, w.since, w.epoch, null, 'it stopped, and nothing came after', greatest(e.latest, w.through), 'silent'
    from waiting w
    join ends e using (edge, since)
    where w.late and e.ended and not exists (select from following x where (x.edge, x.since) = (w.edge, w.since))
    union all
    select w.edge, w.since, c.epoch, null, c.contradiction, w.through, 'wrong'
    from waiting w
    join edge_epoch c on c.edge = w.edge and c.epoch >= w.first_epoch and c.contradiction is not null and c.settled_at is null
  )
  select f.edge, f.since, f.epoch, f.stream, f.kind, f.fault, f.missing_since,
    case
      when f.kind = 'wrong' or (w.until is not null and w.epoch is not null)
          or (f.kind = 'silent' and exists (select from following x where (x.edge, x.since) = (f.edge, f.since))) then
        case f.kind when 'wrong' then '' else 'start ' || f.edge || ' with its data folder; if that is lost: ' end
          || 'counterfoil edge declare-lost ' || f.edge || coalesce(' ' || f.epoch, '') || ' --reason TEXT'
      when f.kind = 'gap' then
        'start ' || f.edge || ' with its data folder; if they are lost: counterfoil edge declare-lost ' || f.edge || ' ' || f.epoch
          || ' --reason TEXT'
      when f.epoch is null then 'start ' || f.edge || '; if it does not come: counterfoil edge retire ' || f.edge
      when e.latest > at - interval '2 minutes' then
        'see what ' || f.edge || ' says of this stream, and start it anew; what is lost then: counterfoil edge declare-lost '
          || f.edge || ' ' || f.epoch || ' --reason TEXT'
      else 'start ' || f.edge || '; if it is gone for good: counterfoil edge retire ' || f.edge || ' --at '
        || to_char(date_trunc('second', greatest(e.latest, w.through) + interval '1 second', 'UTC') at time zone 'UTC',
          'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    end
  from found f
  join waiting w using (edge, since)
  left join ends e using (edge, since)
$$;
