-- PostgreSQL: the audit log is added to, one entry after the other, and never changed.

CREATE FUNCTION tracker_guard_audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tracker_refuse('an entry of the audit log never changes and is never deleted');
  RETURN NULL;
END $$;
--;
CREATE FUNCTION tracker_guard_audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM tracker_audithead WHERE number = NEW.number - 1) THEN
    PERFORM tracker_refuse('an entry of the audit log follows the last one');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE FUNCTION tracker_guard_audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.number <> 0 OR EXISTS (SELECT 1 FROM tracker_auditentry) THEN
      PERFORM tracker_refuse('the end of the audit log begins before its first entry');
    END IF;
  ELSIF NEW.id <> OLD.id OR NEW.number <> OLD.number + 1 OR NOT EXISTS (
    SELECT 1 FROM tracker_auditentry WHERE number = NEW.number AND digest = NEW.digest
  ) THEN
    PERFORM tracker_refuse('the end of the audit log moves on to its next entry');
  END IF;
  RETURN NEW;
END $$;
--;
CREATE TRIGGER tracker_auditentry_follows BEFORE INSERT ON tracker_auditentry
FOR EACH ROW EXECUTE FUNCTION tracker_guard_audit_follows();
--;
CREATE TRIGGER tracker_auditentry_stays BEFORE UPDATE OR DELETE ON tracker_auditentry
FOR EACH ROW EXECUTE FUNCTION tracker_guard_audit_kept();
--;
CREATE TRIGGER tracker_auditentry_truncate_guard BEFORE TRUNCATE ON tracker_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_audit_kept();
--;
CREATE TRIGGER tracker_audithead_moves_on BEFORE INSERT OR UPDATE ON tracker_audithead
FOR EACH ROW EXECUTE FUNCTION tracker_guard_audit_head();
--;
CREATE TRIGGER tracker_audithead_is_kept BEFORE DELETE ON tracker_audithead
FOR EACH ROW EXECUTE FUNCTION tracker_guard_audit_kept();
--;
CREATE TRIGGER tracker_audithead_truncate_guard BEFORE TRUNCATE ON tracker_audithead
FOR EACH STATEMENT EXECUTE FUNCTION tracker_guard_audit_kept();
