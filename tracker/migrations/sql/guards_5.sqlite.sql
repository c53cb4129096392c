-- SQLite: the audit log is added to, one entry after the other, and never changed.

CREATE TRIGGER tracker_auditentry_follows BEFORE INSERT ON tracker_auditentry
BEGIN
  SELECT RAISE(ABORT, 'an entry of the audit log follows the last one')
  WHERE NOT EXISTS (SELECT 1 FROM tracker_audithead WHERE number = NEW.number - 1);
END;
--;
CREATE TRIGGER tracker_auditentry_stays BEFORE UPDATE ON tracker_auditentry
BEGIN
  SELECT RAISE(ABORT, 'an entry of the audit log never changes');
END;
--;
CREATE TRIGGER tracker_auditentry_is_kept BEFORE DELETE ON tracker_auditentry
BEGIN
  SELECT RAISE(ABORT, 'an entry of the audit log is never deleted');
END;
--;
CREATE TRIGGER tracker_audithead_begins BEFORE INSERT ON tracker_audithead
WHEN NEW.number <> 0 OR EXISTS (SELECT 1 FROM tracker_auditentry)
BEGIN
  SELECT RAISE(ABORT, 'the end of the audit log begins before its first entry');
END;
--;
CREATE TRIGGER tracker_audithead_moves_on BEFORE UPDATE ON tracker_audithead
BEGIN
  SELECT RAISE(ABORT, 'the end of the audit log moves on to its next entry')
  WHERE NEW.id <> OLD.id OR NEW.number <> OLD.number + 1 OR NOT EXISTS (
    SELECT 1 FROM tracker_auditentry WHERE number = NEW.number AND digest = NEW.digest
  );
END;
--;
CREATE TRIGGER tracker_audithead_is_kept BEFORE DELETE ON tracker_audithead
BEGIN
  SELECT RAISE(ABORT, 'the end of the audit log is never deleted');
END;
