-- SQLite: the record's rules 1 to 3 (DESIGN, section 3), kept whatever road a change comes by.
-- REPLACE deletes the row in its way without firing a delete trigger, so the guards on INSERT and
-- UPDATE also refuse a row whose keys are those of a published one.

CREATE TRIGGER tracker_update_enters_as_draft BEFORE INSERT ON tracker_update
BEGIN
  SELECT RAISE(ABORT, 'an update is published by a step of its own, never inserted as published')
  WHERE NEW.state = 'published';
  SELECT RAISE(ABORT, 'a published update never changes; correct it by another one')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
                AND (u.id = NEW.id OR u.uid = NEW.uid OR u.sequence = NEW.sequence));
END;
--;
CREATE TRIGGER tracker_update_published_stays BEFORE UPDATE ON tracker_update
BEGIN
  SELECT RAISE(ABORT, 'a published update never changes; correct it by another one')
  WHERE OLD.state = 'published';
  SELECT RAISE(ABORT, 'a published update never changes; correct it by another one')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
                AND (u.id = NEW.id OR u.uid = NEW.uid OR u.sequence = NEW.sequence
                     OR (NEW.state = 'published' AND u.corrects_id = NEW.corrects_id)));
END;
--;
CREATE TRIGGER tracker_update_published_remains BEFORE DELETE ON tracker_update
WHEN OLD.state = 'published'
BEGIN
  SELECT RAISE(ABORT, 'a published update is never deleted; correct it by another one');
END;
--;
CREATE TRIGGER tracker_update_may_be_published BEFORE UPDATE ON tracker_update
WHEN NEW.state = 'published' AND OLD.state <> 'published'
BEGIN
  SELECT RAISE(ABORT, 'only a submitted update can be published')
  WHERE OLD.state <> 'submitted';
  SELECT RAISE(ABORT, 'a status other than not_rated needs evidence')
  WHERE NEW.status <> 'not_rated'
    AND NOT EXISTS (SELECT 1 FROM tracker_evidence e WHERE e.update_id = NEW.id);
  SELECT RAISE(ABORT, 'the pledge is not public')
  WHERE NOT EXISTS (SELECT 1 FROM tracker_pledge p
                    WHERE p.id = NEW.pledge_id AND p.published_at IS NOT NULL);
  SELECT RAISE(ABORT, 'an update cannot take effect before its pledge was announced')
  WHERE EXISTS (SELECT 1 FROM tracker_pledge p
                WHERE p.id = NEW.pledge_id AND p.announced_on > NEW.effective_on);
  SELECT RAISE(ABORT, 'a correction answers a published update of the same pledge')
  WHERE NEW.corrects_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM tracker_update u WHERE u.id = NEW.corrects_id
                    AND u.state = 'published' AND u.pledge_id = NEW.pledge_id);
  SELECT RAISE(ABORT, 'an update changes milestones of its own pledge only, done by its day')
  WHERE EXISTS (SELECT 1 FROM tracker_milestonechange c
                JOIN tracker_milestone m ON m.id = c.milestone_id
                WHERE c.update_id = NEW.id
                  AND (m.pledge_id <> NEW.pledge_id OR c.done_on > NEW.effective_on));
END;
--;
CREATE TRIGGER tracker_update_refreshes_standing AFTER UPDATE ON tracker_update
WHEN NEW.state = 'published' AND OLD.state <> 'published'
BEGIN
  UPDATE tracker_standing
  SET (status, entry_id, last_entry_on, reported_progress, due_on, due_precision,
       milestones_total, milestones_done) =
      (SELECT status, entry_id, last_entry_on, reported_progress, due_on, due_precision,
              milestones_total, milestones_done
       FROM tracker_standing_now WHERE pledge_id = NEW.pledge_id)
  WHERE pledge_id = NEW.pledge_id;
END;
--;
CREATE TRIGGER tracker_evidence_insert_guard BEFORE INSERT ON tracker_evidence
BEGIN
  SELECT RAISE(ABORT, 'the evidence of a published update never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
    AND (u.id = NEW.update_id OR u.id IN (SELECT e.update_id FROM tracker_evidence e
                                          WHERE e.id = NEW.id OR e.uid = NEW.uid)));
END;
--;
CREATE TRIGGER tracker_evidence_update_guard BEFORE UPDATE ON tracker_evidence
BEGIN
  SELECT RAISE(ABORT, 'the evidence of a published update never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
    AND (u.id IN (OLD.update_id, NEW.update_id)
         OR u.id IN (SELECT e.update_id FROM tracker_evidence e
                     WHERE e.id = NEW.id OR e.uid = NEW.uid)));
END;
--;
CREATE TRIGGER tracker_evidence_delete_guard BEFORE DELETE ON tracker_evidence
BEGIN
  SELECT RAISE(ABORT, 'the evidence of a published update is never deleted')
  WHERE EXISTS (SELECT 1 FROM tracker_update u
                WHERE u.state = 'published' AND u.id = OLD.update_id);
END;
--;
CREATE TRIGGER tracker_milestonechange_insert_guard BEFORE INSERT ON tracker_milestonechange
BEGIN
  SELECT RAISE(ABORT, 'what a published update says of milestones never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
    AND (u.id = NEW.update_id OR u.id IN (SELECT c.update_id FROM tracker_milestonechange c
                                          WHERE c.id = NEW.id)));
END;
--;
CREATE TRIGGER tracker_milestonechange_update_guard BEFORE UPDATE ON tracker_milestonechange
BEGIN
  SELECT RAISE(ABORT, 'what a published update says of milestones never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
    AND (u.id IN (OLD.update_id, NEW.update_id)
         OR u.id IN (SELECT c.update_id FROM tracker_milestonechange c WHERE c.id = NEW.id)));
END;
--;
CREATE TRIGGER tracker_milestonechange_delete_guard BEFORE DELETE ON tracker_milestonechange
BEGIN
  SELECT RAISE(ABORT, 'what a published update says of milestones is never deleted')
  WHERE EXISTS (SELECT 1 FROM tracker_update u
                WHERE u.state = 'published' AND u.id = OLD.update_id);
END;
--;
CREATE TRIGGER tracker_milestone_stays_with_pledge BEFORE UPDATE ON tracker_milestone
WHEN OLD.pledge_id <> NEW.pledge_id OR OLD.id <> NEW.id
  OR OLD.original_due_on IS NOT NEW.original_due_on
BEGIN
  SELECT RAISE(ABORT, 'a milestone of the record stays with its pledge and keeps its first date')
  WHERE EXISTS (SELECT 1 FROM tracker_milestonechange c JOIN tracker_update u ON u.id = c.update_id
                WHERE c.milestone_id = OLD.id AND u.state = 'published');
END;
--;
CREATE TRIGGER tracker_milestone_is_not_replaced BEFORE INSERT ON tracker_milestone
BEGIN
  SELECT RAISE(ABORT, 'a milestone of the record is changed by UPDATE, never replaced')
  WHERE EXISTS (SELECT 1 FROM tracker_milestone m WHERE m.id = NEW.id OR m.uid = NEW.uid);
END;
--;
CREATE TRIGGER tracker_milestone_is_not_overwritten BEFORE UPDATE OF id, uid ON tracker_milestone
BEGIN
  SELECT RAISE(ABORT, 'a milestone of the record is never replaced by another')
  WHERE EXISTS (SELECT 1 FROM tracker_milestone m
                WHERE m.id <> OLD.id AND (m.id = NEW.id OR m.uid = NEW.uid));
END;
--;
CREATE TRIGGER tracker_standing_equals_record_insert BEFORE INSERT ON tracker_standing
BEGIN
  SELECT RAISE(ABORT, 'a standing is what the record says, and nothing else')
  WHERE NOT EXISTS (
    SELECT 1 FROM tracker_standing_now n WHERE n.pledge_id = NEW.pledge_id
      AND n.status = NEW.status AND n.entry_id IS NEW.entry_id
      AND n.last_entry_on IS NEW.last_entry_on AND n.reported_progress IS NEW.reported_progress
      AND n.due_on IS NEW.due_on AND n.due_precision IS NEW.due_precision
      AND n.milestones_total = NEW.milestones_total AND n.milestones_done = NEW.milestones_done);
END;
--;
CREATE TRIGGER tracker_standing_equals_record_update BEFORE UPDATE ON tracker_standing
BEGIN
  SELECT RAISE(ABORT, 'a standing is what the record says, and nothing else')
  WHERE NOT EXISTS (
    SELECT 1 FROM tracker_standing_now n
    WHERE n.pledge_id = NEW.pledge_id AND OLD.pledge_id = NEW.pledge_id
      AND n.status = NEW.status AND n.entry_id IS NEW.entry_id
      AND n.last_entry_on IS NEW.last_entry_on AND n.reported_progress IS NEW.reported_progress
      AND n.due_on IS NEW.due_on AND n.due_precision IS NEW.due_precision
      AND n.milestones_total = NEW.milestones_total AND n.milestones_done = NEW.milestones_done);
END;
--;
CREATE TRIGGER tracker_standing_remains BEFORE DELETE ON tracker_standing
BEGIN
  SELECT RAISE(ABORT, 'the standing of a public pledge is never deleted')
  WHERE EXISTS (SELECT 1 FROM tracker_pledge p
                WHERE p.published_at IS NOT NULL AND p.id = OLD.pledge_id);
END;
--;
CREATE TRIGGER tracker_pledge_has_standing AFTER INSERT ON tracker_pledge
BEGIN
  INSERT INTO tracker_standing (pledge_id, status, entry_id, last_entry_on, reported_progress,
                                due_on, due_precision, milestones_total, milestones_done)
  SELECT pledge_id, status, entry_id, last_entry_on, reported_progress, due_on, due_precision,
         milestones_total, milestones_done
  FROM tracker_standing_now WHERE pledge_id = NEW.id;
END;
--;
CREATE TRIGGER tracker_pledge_has_standing_when_public AFTER UPDATE OF published_at ON tracker_pledge
WHEN NEW.published_at IS NOT NULL
BEGIN
  INSERT INTO tracker_standing (pledge_id, status, entry_id, last_entry_on, reported_progress,
                                due_on, due_precision, milestones_total, milestones_done)
  SELECT pledge_id, status, entry_id, last_entry_on, reported_progress, due_on, due_precision,
         milestones_total, milestones_done
  FROM tracker_standing_now
  WHERE pledge_id = NEW.id
    AND NOT EXISTS (SELECT 1 FROM tracker_standing s WHERE s.pledge_id = NEW.id);
END;
--;
CREATE TRIGGER tracker_pledge_refreshes_standing
AFTER UPDATE OF announced_on, original_due_on, original_due_precision ON tracker_pledge
BEGIN
  UPDATE tracker_standing
  SET (last_entry_on, due_on, due_precision) =
      (SELECT last_entry_on, due_on, due_precision
       FROM tracker_standing_now WHERE pledge_id = NEW.id)
  WHERE pledge_id = NEW.id;
END;
--;
CREATE TRIGGER tracker_pledge_keeps_its_name BEFORE UPDATE ON tracker_pledge
WHEN OLD.published_at IS NOT NULL
  AND (NEW.code <> OLD.code OR NEW.id <> OLD.id OR NEW.wording <> OLD.wording
       OR NEW.published_at IS NOT OLD.published_at OR NEW.announced_on <> OLD.announced_on
       OR NEW.original_due_on IS NOT OLD.original_due_on
       OR NEW.original_due_precision <> OLD.original_due_precision)
BEGIN
  SELECT RAISE(ABORT, 'a public pledge keeps its code, its wording, its stated dates and its day of publication');
END;
--;
CREATE TRIGGER tracker_pledge_is_not_replaced BEFORE INSERT ON tracker_pledge
BEGIN
  SELECT RAISE(ABORT, 'a public pledge is changed by UPDATE, never replaced')
  WHERE EXISTS (SELECT 1 FROM tracker_pledge p WHERE p.published_at IS NOT NULL
                AND (p.id = NEW.id OR p.code = NEW.code));
END;
--;
CREATE TRIGGER tracker_pledge_is_not_overwritten BEFORE UPDATE OF id, code ON tracker_pledge
BEGIN
  SELECT RAISE(ABORT, 'a public pledge is never replaced by another')
  WHERE EXISTS (SELECT 1 FROM tracker_pledge p
                WHERE p.published_at IS NOT NULL AND p.id <> OLD.id
                  AND (p.id = NEW.id OR p.code = NEW.code));
END;
--;
CREATE TRIGGER tracker_pledge_remains BEFORE DELETE ON tracker_pledge
WHEN OLD.published_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a public pledge is never deleted');
END;
--;
CREATE TRIGGER tracker_source_keeps_its_text BEFORE UPDATE ON tracker_source
WHEN OLD.text <> NEW.text OR OLD.sha256 <> NEW.sha256 OR OLD.id <> NEW.id
BEGIN
  SELECT RAISE(ABORT, 'the text of a source with passages never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_passage p WHERE p.source_id = OLD.id);
END;
--;
CREATE TRIGGER tracker_source_is_not_replaced BEFORE INSERT ON tracker_source
BEGIN
  SELECT RAISE(ABORT, 'a source is changed by UPDATE, never replaced')
  WHERE EXISTS (SELECT 1 FROM tracker_source s WHERE s.id = NEW.id OR s.slug = NEW.slug);
END;
--;
CREATE TRIGGER tracker_source_is_not_overwritten BEFORE UPDATE OF id, slug ON tracker_source
BEGIN
  SELECT RAISE(ABORT, 'a source is never replaced by another')
  WHERE EXISTS (SELECT 1 FROM tracker_source s
                WHERE s.id <> OLD.id AND (s.id = NEW.id OR s.slug = NEW.slug));
END;
--;
CREATE TRIGGER tracker_measurement_published_stays BEFORE UPDATE ON tracker_measurement
WHEN OLD.published_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a published measurement never changes');
END;
--;
CREATE TRIGGER tracker_measurement_published_remains BEFORE DELETE ON tracker_measurement
WHEN OLD.published_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a published measurement is never deleted');
END;
--;
CREATE TRIGGER tracker_measurement_is_not_replaced BEFORE INSERT ON tracker_measurement
BEGIN
  SELECT RAISE(ABORT, 'a published measurement is never replaced')
  WHERE EXISTS (SELECT 1 FROM tracker_measurement m WHERE m.published_at IS NOT NULL
                AND (m.id = NEW.id OR (m.indicator_id = NEW.indicator_id
                                       AND (m.measured_on = NEW.measured_on
                                            OR (m.is_baseline AND NEW.is_baseline)))));
END;
