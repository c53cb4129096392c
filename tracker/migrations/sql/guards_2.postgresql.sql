-- PostgreSQL: what guards_1 keeps, and besides: nobody saves over what they have not seen; a final status
-- is published by none of its writers; replies, periods and their files, and the history of the
-- other tables stay as they are.

CREATE FUNCTION tracker_guard_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tracker_refuse('the row was changed meanwhile');
  RETURN NULL;
END $$;
--;
CREATE TRIGGER tracker_update_moves_on_by_one BEFORE UPDATE OF version ON tracker_update
FOR EACH ROW WHEN (NEW.version <> OLD.version + 1) EXECUTE FUNCTION tracker_guard_version();
--;
CREATE TRIGGER tracker_pledge_moves_on_by_one BEFORE UPDATE OF version ON tracker_pledge
FOR EACH ROW WHEN (NEW.version <> OLD.version + 1) EXECUTE FUNCTION tracker_guard_version();
--;
CREATE TRIGGER tracker_milestone_moves_on_by_one BEFORE UPDATE OF version ON tracker_milestone
FOR EACH ROW WHEN (NEW.version <> OLD.version + 1) EXECUTE FUNCTION tracker_guard_version();
--;
CREATE TRIGGER tracker_reply_moves_on_by_one BEFORE UPDATE OF version ON tracker_reply
FOR EACH ROW WHEN (NEW.version <> OLD.version + 1) EXECUTE FUNCTION tracker_guard_version();
--;
CREATE FUNCTION tracker_guard_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM tracker_update_writers w
             WHERE w.update_id = NEW.id AND w.user_id = NEW.published_by_id) THEN
    PERFORM tracker_refuse('a final status is published by none of its writers');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_update_four_eyes BEFORE UPDATE ON tracker_update
FOR EACH ROW WHEN (NEW.state = 'published' AND OLD.state <> 'published'
                   AND NEW.status IN ('kept', 'not_kept', 'partly_kept', 'superseded'))
EXECUTE FUNCTION tracker_guard_four_eyes();
--;
CREATE TRIGGER tracker_update_writers_guard
BEFORE INSERT OR UPDATE OR DELETE ON tracker_update_writers
FOR EACH ROW EXECUTE FUNCTION tracker_guard_part();
--;
CREATE TRIGGER tracker_update_writers_truncate_guard BEFORE TRUNCATE ON tracker_update_writers
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_part();
--;
CREATE FUNCTION tracker_guard_reply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM tracker_refuse('the record is never emptied');
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.published_at IS NOT NULL THEN
      PERFORM tracker_refuse('a reply is published by a step of its own');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.published_at IS NOT NULL THEN
    PERFORM tracker_refuse('a published reply is never changed or deleted');
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  IF NEW.published_at IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM tracker_update u
      JOIN tracker_responsibility r ON r.pledge_id = u.pledge_id
      WHERE u.id = NEW.update_id AND u.state = 'published'
        AND u.status IN ('kept', 'not_kept', 'partly_kept', 'superseded')
        AND r.body_id = NEW.body_id AND r.role = 'lead') THEN
    PERFORM tracker_refuse('a reply is that of a body that leads, to a published final status');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_reply_guard BEFORE INSERT OR UPDATE OR DELETE ON tracker_reply
FOR EACH ROW EXECUTE FUNCTION tracker_guard_reply();
--;
CREATE TRIGGER tracker_reply_truncate_guard BEFORE TRUNCATE ON tracker_reply
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_reply();
--;
CREATE FUNCTION tracker_guard_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tracker_refuse('a closed period never changes');
  RETURN NULL;
END $$;
--;
CREATE TRIGGER tracker_period_guard BEFORE UPDATE OR DELETE ON tracker_period
FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION tracker_guard_period();
--;
CREATE TRIGGER tracker_frozenfile_guard BEFORE UPDATE OR DELETE ON tracker_frozenfile
FOR EACH ROW EXECUTE FUNCTION tracker_guard_period();
--;
CREATE TRIGGER tracker_frozenfile_truncate_guard BEFORE TRUNCATE ON tracker_frozenfile
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_period();
--;
CREATE FUNCTION tracker_guard_period_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  parent bigint;
BEGIN
  FOR parent IN
    SELECT p.id FROM tracker_period p
    WHERE p.id = CASE WHEN TG_OP <> 'INSERT' THEN OLD.period_id END
       OR p.id = CASE WHEN TG_OP <> 'DELETE' THEN NEW.period_id END
    ORDER BY p.id FOR SHARE
  LOOP
    IF EXISTS (SELECT 1 FROM tracker_period p WHERE p.id = parent AND p.closed_at IS NOT NULL) THEN
      PERFORM tracker_refuse('a closed period never changes');
    END IF;
  END LOOP;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_completion_guard BEFORE INSERT OR UPDATE OR DELETE ON tracker_completion
FOR EACH ROW EXECUTE FUNCTION tracker_guard_period_part();
--;
CREATE TRIGGER tracker_frozenfile_insert_guard BEFORE INSERT ON tracker_frozenfile
FOR EACH ROW EXECUTE FUNCTION tracker_guard_period_part();
--;
CREATE FUNCTION tracker_guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tracker_refuse('history is only ever added to');
  RETURN NULL;
END $$;
--;
CREATE TRIGGER tracker_historicalbody_guard BEFORE UPDATE OR DELETE ON tracker_historicalbody
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalindicator_guard BEFORE UPDATE OR DELETE ON tracker_historicalindicator
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalmeasurement_guard BEFORE UPDATE OR DELETE ON tracker_historicalmeasurement
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalmilestone_guard BEFORE UPDATE OR DELETE ON tracker_historicalmilestone
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalpassage_guard BEFORE UPDATE OR DELETE ON tracker_historicalpassage
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalpillar_guard BEFORE UPDATE OR DELETE ON tracker_historicalpillar
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalpledge_guard BEFORE UPDATE OR DELETE ON tracker_historicalpledge
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalpledge_sectors_guard BEFORE UPDATE OR DELETE ON tracker_historicalpledge_sectors
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalprogramme_guard BEFORE UPDATE OR DELETE ON tracker_historicalprogramme
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalresponsibility_guard BEFORE UPDATE OR DELETE ON tracker_historicalresponsibility
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalsector_guard BEFORE UPDATE OR DELETE ON tracker_historicalsector
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalsource_guard BEFORE UPDATE OR DELETE ON tracker_historicalsource
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
--;
CREATE TRIGGER tracker_historicalsourcenote_guard BEFORE UPDATE OR DELETE ON tracker_historicalsourcenote
FOR EACH ROW EXECUTE FUNCTION tracker_guard_history();
