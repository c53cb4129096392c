-- PostgreSQL: besides what the former ones keep: what the chain's digests are taken of and no other
-- guard holds, the language of a public pledge's wording and the identifier of a milestone of the record.

CREATE FUNCTION tracker_guard_language() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tracker_refuse('a public pledge keeps the language of its wording');
  RETURN NULL;
END $$;
--;
CREATE TRIGGER tracker_pledge_keeps_language BEFORE UPDATE ON tracker_pledge
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL AND NEW.wording_language <> OLD.wording_language)
EXECUTE FUNCTION tracker_guard_language();
--;
CREATE FUNCTION tracker_guard_milestone_uid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM tracker_milestonechange c JOIN tracker_update u ON u.id = c.update_id
             WHERE c.milestone_id = OLD.id AND u.state = 'published') THEN
    PERFORM tracker_refuse('a milestone of the record keeps its identifier');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_milestone_keeps_identifier BEFORE UPDATE ON tracker_milestone
FOR EACH ROW WHEN (NEW.uid <> OLD.uid) EXECUTE FUNCTION tracker_guard_milestone_uid();
