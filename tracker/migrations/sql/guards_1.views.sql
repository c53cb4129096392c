-- The record as it stands now, in SQL that SQLite and PostgreSQL share.
-- It says for today what PledgeQuerySet.as_of says for any day.

CREATE VIEW tracker_in_effect AS
SELECT u.id, u.pledge_id, u.status, u.effective_on, u.sequence, u.reported_progress,
       u.due_on, u.due_precision
FROM tracker_update u
WHERE u.state = 'published'
  AND NOT EXISTS (
    SELECT 1 FROM tracker_update c WHERE c.corrects_id = u.id AND c.state = 'published'
  );
--;
CREATE VIEW tracker_milestone_now AS
SELECT m.id AS milestone_id, m.pledge_id,
  (SELECT c.state
     FROM tracker_milestonechange c JOIN tracker_in_effect e ON e.id = c.update_id
    WHERE c.milestone_id = m.id
    ORDER BY e.effective_on DESC, e.sequence DESC LIMIT 1) AS state
FROM tracker_milestone m;
--;
CREATE VIEW tracker_standing_now AS
SELECT p.id AS pledge_id,
  COALESCE((SELECT e.status FROM tracker_in_effect e WHERE e.pledge_id = p.id
            ORDER BY e.effective_on DESC, e.sequence DESC LIMIT 1), 'not_rated') AS status,
  (SELECT e.id FROM tracker_in_effect e WHERE e.pledge_id = p.id
    ORDER BY e.effective_on DESC, e.sequence DESC LIMIT 1) AS entry_id,
  COALESCE((SELECT e.effective_on FROM tracker_in_effect e WHERE e.pledge_id = p.id
            ORDER BY e.effective_on DESC, e.sequence DESC LIMIT 1), p.announced_on)
    AS last_entry_on,
  (SELECT e.reported_progress FROM tracker_in_effect e
    WHERE e.pledge_id = p.id AND e.reported_progress IS NOT NULL
    ORDER BY e.effective_on DESC, e.sequence DESC LIMIT 1) AS reported_progress,
  CASE WHEN EXISTS (SELECT 1 FROM tracker_in_effect e
                     WHERE e.pledge_id = p.id AND e.due_precision <> '')
       THEN (SELECT e.due_on FROM tracker_in_effect e
              WHERE e.pledge_id = p.id AND e.due_precision <> ''
              ORDER BY e.effective_on DESC, e.sequence DESC LIMIT 1)
       ELSE p.original_due_on END AS due_on,
  COALESCE((SELECT e.due_precision FROM tracker_in_effect e
             WHERE e.pledge_id = p.id AND e.due_precision <> ''
             ORDER BY e.effective_on DESC, e.sequence DESC LIMIT 1), p.original_due_precision)
    AS due_precision,
  (SELECT COUNT(*) FROM tracker_milestone_now m
    WHERE m.pledge_id = p.id AND m.state IN ('open', 'done')) AS milestones_total,
  (SELECT COUNT(*) FROM tracker_milestone_now m
    WHERE m.pledge_id = p.id AND m.state = 'done') AS milestones_done
FROM tracker_pledge p;
