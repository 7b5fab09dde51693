-- What mends a quarantined segment is its repair first, and only without a right copy a declaration.

-- Grain: a thing that keeps an edge's coverage where it is. Silence counts as one after two minutes; edges seal each minute.
create or replace function coverage_faults(at timestamptz)
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
      'no epoch of it has come' as fault, w.through as missing_since, 'silent' as kind, null::bigint as quarantined
    from waiting w
    where w.late and w.epoch is null
    union all
    select w.edge, w.since, w.epoch, null, 'nothing came of the epoch that it said it began', w.through, 'silent', null
    from waiting w
    where w.late and w.epoch is not null
      and not exists (select from edge_epoch e where (e.edge, e.epoch) = (w.edge, w.epoch) and e.streams is not null)
    union all
    select s.edge, s.since, s.epoch, s.stream, f.fault, coalesce(f.since, s.proven), f.kind,
      case when f.kind = 'wrong' and n.verdict = 'quarantined' then n.number end
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
      end, coalesce(e.latest, w.through), 'wrong', null
    from waiting w
    join following x using (edge, since)
    left join ends e using (edge, since)
    where x.predecessor_epoch is distinct from w.epoch or (e.ended and x.named_seqs <> e.last_seqs)
    union all
    select w.edge, w.since, w.epoch, null, 'it stopped, and nothing came after', greatest(e.latest, w.through), 'silent', null
    from waiting w
    join ends e using (edge, since)
    where w.late and e.ended and not exists (select from following x where (x.edge, x.since) = (w.edge, w.since))
    union all
    select w.edge, w.since, c.epoch, null, c.contradiction, w.through, 'wrong', null
    from waiting w
    join edge_epoch c on c.edge = w.edge and c.epoch >= w.first_epoch and c.contradiction is not null and c.settled_at is null
  )
  select f.edge, f.since, f.epoch, f.stream, f.kind, f.fault, f.missing_since,
    case
      when f.quarantined is not null then
        'counterfoil quarantine repair ' || f.edge || '/' || f.epoch || '/' || f.stream || '/' || f.quarantined
          || ' FILE --reason TEXT; if there is no right copy: counterfoil edge declare-lost ' || f.edge || ' ' || f.epoch
          || ' --reason TEXT'
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
