-- SQLite: besides what the former ones keep: what the chain's digests are taken of and no other guard
-- holds, the language of a public pledge's wording and the identifier of a milestone of the record.

CREATE TRIGGER tracker_pledge_keeps_language BEFORE UPDATE ON tracker_pledge
WHEN OLD.published_at IS NOT NULL AND NEW.wording_language <> OLD.wording_language
BEGIN
  SELECT RAISE(ABORT, 'a public pledge keeps the language of its wording');
END;
--;
CREATE TRIGGER tracker_milestone_keeps_identifier BEFORE UPDATE ON tracker_milestone
WHEN NEW.uid <> OLD.uid
BEGIN
  SELECT RAISE(ABORT, 'a milestone of the record keeps its identifier')
  WHERE EXISTS (SELECT 1 FROM tracker_milestonechange c JOIN tracker_update u ON u.id = c.update_id
                WHERE c.milestone_id = OLD.id AND u.state = 'published');
END;
