-- Of notices whose window ended longer ago than retries go on, what was never tried is dead: nobody could send it (no mail server, another
-- webhook key, no job), and now it is no news. 'notices retry' sends it all the same. Parameters: now.
update notice_delivery d
set dead_at = :now, claimed_until = null, last_error = 'its window ended ' || to_char(n.resets_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
  || ' UTC, and nobody could send it by then'
from notice n
where n.notice_id = d.notice_id and d.delivered_at is null and d.dead_at is null and d.attempts = 0 and d.last_error is null
  and n.resets_at < :now::timestamptz - interval '4 days'
  and (d.claimed_until is null or d.claimed_until <= :now)
