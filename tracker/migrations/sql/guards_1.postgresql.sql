-- PostgreSQL: the record's rules 1 to 3 (DESIGN, section 3), kept whatever road a change comes by.

CREATE FUNCTION tracker_refuse(reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', reason USING ERRCODE = 'integrity_constraint_violation';
END $$;
--;
CREATE FUNCTION tracker_refresh_standing(of_pledge bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE tracker_standing s
  SET (status, entry_id, last_entry_on, reported_progress, due_on, due_precision,
       milestones_total, milestones_done) =
      (SELECT n.status, n.entry_id, n.last_entry_on, n.reported_progress, n.due_on,
              n.due_precision, n.milestones_total, n.milestones_done
       FROM tracker_standing_now n WHERE n.pledge_id = of_pledge)
  WHERE s.pledge_id = of_pledge;
$$;
--;
CREATE FUNCTION tracker_guard_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM tracker_refuse('the record is never emptied');
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state = 'published' THEN
      PERFORM tracker_refuse('an update is published by a step of its own, never inserted as published');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state = 'published' THEN
    PERFORM tracker_refuse('a published update is never changed or deleted; correct it by another one');
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  IF NEW.state <> 'published' THEN
    RETURN NEW;
  END IF;
  IF OLD.state <> 'submitted' THEN
    PERFORM tracker_refuse('only a submitted update can be published');
  END IF;
  IF NEW.status <> 'not_rated'
     AND NOT EXISTS (SELECT 1 FROM tracker_evidence e WHERE e.update_id = NEW.id) THEN
    PERFORM tracker_refuse('a status other than not_rated needs evidence');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM tracker_pledge p
                 WHERE p.id = NEW.pledge_id AND p.published_at IS NOT NULL) THEN
    PERFORM tracker_refuse('the pledge is not public');
  END IF;
  IF EXISTS (SELECT 1 FROM tracker_pledge p
             WHERE p.id = NEW.pledge_id AND p.announced_on > NEW.effective_on) THEN
    PERFORM tracker_refuse('an update cannot take effect before its pledge was announced');
  END IF;
  IF NEW.corrects_id IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM tracker_update u WHERE u.id = NEW.corrects_id
                     AND u.state = 'published' AND u.pledge_id = NEW.pledge_id) THEN
    PERFORM tracker_refuse('a correction answers a published update of the same pledge');
  END IF;
  IF EXISTS (SELECT 1 FROM tracker_milestonechange c
             JOIN tracker_milestone m ON m.id = c.milestone_id
             WHERE c.update_id = NEW.id
               AND (m.pledge_id <> NEW.pledge_id OR c.done_on > NEW.effective_on)) THEN
    PERFORM tracker_refuse('an update changes milestones of its own pledge only, done by its day');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_update_guard BEFORE INSERT OR UPDATE OR DELETE ON tracker_update
FOR EACH ROW EXECUTE FUNCTION tracker_guard_update();
--;
CREATE TRIGGER tracker_update_truncate_guard BEFORE TRUNCATE ON tracker_update
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_update();
--;
CREATE FUNCTION tracker_update_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tracker_refresh_standing(NEW.pledge_id);
  RETURN NULL;
END $$;
--;
CREATE TRIGGER tracker_update_refreshes_standing AFTER UPDATE ON tracker_update
FOR EACH ROW WHEN (NEW.state = 'published' AND OLD.state <> 'published')
EXECUTE FUNCTION tracker_update_published();
--;
-- One function for the rows that belong to an update: evidence, and what it says of milestones.
-- The parent is locked, so that no row can be added while the update is being published.
CREATE FUNCTION tracker_guard_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  parent bigint;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM tracker_refuse('the record is never emptied');
  END IF;
  FOR parent IN
    SELECT u.id FROM tracker_update u
    WHERE u.id = CASE WHEN TG_OP <> 'INSERT' THEN OLD.update_id END
       OR u.id = CASE WHEN TG_OP <> 'DELETE' THEN NEW.update_id END
    ORDER BY u.id FOR SHARE
  LOOP
    IF EXISTS (SELECT 1 FROM tracker_update u WHERE u.id = parent AND u.state = 'published') THEN
      PERFORM tracker_refuse('the parts of a published update are never changed or deleted');
    END IF;
  END LOOP;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_evidence_guard BEFORE INSERT OR UPDATE OR DELETE ON tracker_evidence
FOR EACH ROW EXECUTE FUNCTION tracker_guard_part();
--;
CREATE TRIGGER tracker_evidence_truncate_guard BEFORE TRUNCATE ON tracker_evidence
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_part();
--;
CREATE TRIGGER tracker_milestonechange_guard
BEFORE INSERT OR UPDATE OR DELETE ON tracker_milestonechange
FOR EACH ROW EXECUTE FUNCTION tracker_guard_part();
--;
CREATE TRIGGER tracker_milestonechange_truncate_guard BEFORE TRUNCATE ON tracker_milestonechange
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_part();
--;
CREATE FUNCTION tracker_guard_milestone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.pledge_id <> NEW.pledge_id OR OLD.id <> NEW.id
      OR OLD.original_due_on IS DISTINCT FROM NEW.original_due_on)
     AND EXISTS (SELECT 1 FROM tracker_milestonechange c JOIN tracker_update u ON u.id = c.update_id
                 WHERE c.milestone_id = OLD.id AND u.state = 'published') THEN
    PERFORM tracker_refuse('a milestone of the record stays with its pledge and keeps its first date');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_milestone_guard BEFORE UPDATE ON tracker_milestone
FOR EACH ROW EXECUTE FUNCTION tracker_guard_milestone();
--;
CREATE FUNCTION tracker_guard_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM tracker_refuse('the standings are never emptied');
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM tracker_pledge p
               WHERE p.published_at IS NOT NULL AND p.id = OLD.pledge_id) THEN
      PERFORM tracker_refuse('the standing of a public pledge is never deleted');
    END IF;
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.pledge_id <> NEW.pledge_id THEN
    PERFORM tracker_refuse('a standing stays with its pledge');
  END IF;
  IF NOT EXISTS (
    SELECT 1 FROM tracker_standing_now n WHERE n.pledge_id = NEW.pledge_id
      AND (n.status, n.entry_id, n.last_entry_on, n.reported_progress, n.due_on, n.due_precision,
           n.milestones_total, n.milestones_done)
          IS NOT DISTINCT FROM
          (NEW.status, NEW.entry_id, NEW.last_entry_on, NEW.reported_progress, NEW.due_on,
           NEW.due_precision, NEW.milestones_total, NEW.milestones_done)) THEN
    PERFORM tracker_refuse('a standing is what the record says, and nothing else');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_standing_guard BEFORE INSERT OR UPDATE OR DELETE ON tracker_standing
FOR EACH ROW EXECUTE FUNCTION tracker_guard_standing();
--;
CREATE TRIGGER tracker_standing_truncate_guard BEFORE TRUNCATE ON tracker_standing
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_standing();
--;
CREATE FUNCTION tracker_pledge_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tracker_standing (pledge_id, status, entry_id, last_entry_on, reported_progress,
                                due_on, due_precision, milestones_total, milestones_done)
  SELECT pledge_id, status, entry_id, last_entry_on, reported_progress, due_on, due_precision,
         milestones_total, milestones_done
  FROM tracker_standing_now WHERE pledge_id = NEW.id
  ON CONFLICT (pledge_id) DO NOTHING;
  RETURN NULL;
END $$;
--;
CREATE TRIGGER tracker_pledge_has_standing AFTER INSERT ON tracker_pledge
FOR EACH ROW EXECUTE FUNCTION tracker_pledge_added();
--;
CREATE TRIGGER tracker_pledge_has_standing_when_public AFTER UPDATE OF published_at ON tracker_pledge
FOR EACH ROW WHEN (NEW.published_at IS NOT NULL) EXECUTE FUNCTION tracker_pledge_added();
--;
CREATE FUNCTION tracker_pledge_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tracker_refresh_standing(NEW.id);
  RETURN NULL;
END $$;
--;
CREATE TRIGGER tracker_pledge_refreshes_standing
AFTER UPDATE OF announced_on, original_due_on, original_due_precision ON tracker_pledge
FOR EACH ROW EXECUTE FUNCTION tracker_pledge_changed();
--;
CREATE FUNCTION tracker_guard_pledge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM tracker_refuse('a public pledge is never deleted');
  END IF;
  IF NEW.code <> OLD.code OR NEW.id <> OLD.id OR NEW.wording <> OLD.wording
     OR NEW.published_at IS DISTINCT FROM OLD.published_at OR NEW.announced_on <> OLD.announced_on
     OR NEW.original_due_on IS DISTINCT FROM OLD.original_due_on
     OR NEW.original_due_precision <> OLD.original_due_precision THEN
    PERFORM tracker_refuse('a public pledge keeps its code, its wording, its stated dates and its day of publication');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_pledge_guard BEFORE UPDATE OR DELETE ON tracker_pledge
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION tracker_guard_pledge();
--;
CREATE FUNCTION tracker_guard_source() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.text <> NEW.text OR OLD.sha256 <> NEW.sha256 OR OLD.id <> NEW.id)
     AND EXISTS (SELECT 1 FROM tracker_passage p WHERE p.source_id = OLD.id) THEN
    PERFORM tracker_refuse('the text of a source with passages never changes');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_source_guard BEFORE UPDATE ON tracker_source
FOR EACH ROW EXECUTE FUNCTION tracker_guard_source();
--;
CREATE FUNCTION tracker_guard_measurement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tracker_refuse('a published measurement is never changed or deleted');
  RETURN NULL;
END $$;
--;
CREATE TRIGGER tracker_measurement_guard BEFORE UPDATE OR DELETE ON tracker_measurement
FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION tracker_guard_measurement();
