-- SQLite: what guards_1 keeps, and besides: nobody saves over what they have not seen; a final status
-- is published by none of its writers; replies, periods and their files, and the history of the
-- other tables stay as they are.

CREATE TRIGGER tracker_update_moves_on_by_one BEFORE UPDATE OF version ON tracker_update
WHEN OLD.state <> 'published' AND NEW.version <> OLD.version + 1
BEGIN
  SELECT RAISE(ABORT, 'the row was changed meanwhile');
END;
--;
CREATE TRIGGER tracker_pledge_moves_on_by_one BEFORE UPDATE OF version ON tracker_pledge
WHEN NEW.version <> OLD.version + 1
BEGIN
  SELECT RAISE(ABORT, 'the row was changed meanwhile');
END;
--;
CREATE TRIGGER tracker_milestone_moves_on_by_one BEFORE UPDATE OF version ON tracker_milestone
WHEN NEW.version <> OLD.version + 1
BEGIN
  SELECT RAISE(ABORT, 'the row was changed meanwhile');
END;
--;
CREATE TRIGGER tracker_reply_moves_on_by_one BEFORE UPDATE OF version ON tracker_reply
WHEN OLD.published_at IS NULL AND NEW.version <> OLD.version + 1
BEGIN
  SELECT RAISE(ABORT, 'the row was changed meanwhile');
END;
--;
CREATE TRIGGER tracker_update_four_eyes BEFORE UPDATE ON tracker_update
WHEN NEW.state = 'published' AND OLD.state <> 'published'
  AND NEW.status IN ('kept', 'not_kept', 'partly_kept', 'superseded')
BEGIN
  SELECT RAISE(ABORT, 'a final status is published by none of its writers')
  WHERE EXISTS (SELECT 1 FROM tracker_update_writers w
                WHERE w.update_id = NEW.id AND w.user_id = NEW.published_by_id);
END;
--;
CREATE TRIGGER tracker_update_writers_insert_guard BEFORE INSERT ON tracker_update_writers
BEGIN
  SELECT RAISE(ABORT, 'the writers of a published update never change')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
    AND (u.id = NEW.update_id
         OR u.id IN (SELECT w.update_id FROM tracker_update_writers w WHERE w.id = NEW.id)));
END;
--;
CREATE TRIGGER tracker_update_writers_update_guard BEFORE UPDATE ON tracker_update_writers
BEGIN
  SELECT RAISE(ABORT, 'the writers of a published update never change')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
    AND (u.id IN (OLD.update_id, NEW.update_id)
         OR u.id IN (SELECT w.update_id FROM tracker_update_writers w WHERE w.id = NEW.id)));
END;
--;
CREATE TRIGGER tracker_update_writers_delete_guard BEFORE DELETE ON tracker_update_writers
BEGIN
  SELECT RAISE(ABORT, 'the writers of a published update never change')
  WHERE EXISTS (SELECT 1 FROM tracker_update u WHERE u.state = 'published'
    AND (u.id = OLD.update_id));
END;
--;
CREATE TRIGGER tracker_reply_enters_as_draft BEFORE INSERT ON tracker_reply
BEGIN
  SELECT RAISE(ABORT, 'a reply is published by a step of its own')
  WHERE NEW.published_at IS NOT NULL;
  SELECT RAISE(ABORT, 'a published reply is never changed or deleted')
  WHERE EXISTS (SELECT 1 FROM tracker_reply r WHERE r.published_at IS NOT NULL
                AND (r.id = NEW.id OR r.uid = NEW.uid));
END;
--;
CREATE TRIGGER tracker_reply_published_stays BEFORE UPDATE ON tracker_reply
BEGIN
  SELECT RAISE(ABORT, 'a published reply is never changed or deleted')
  WHERE EXISTS (SELECT 1 FROM tracker_reply r WHERE r.published_at IS NOT NULL
                AND (r.id = OLD.id OR r.id = NEW.id OR r.uid = NEW.uid));
END;
--;
CREATE TRIGGER tracker_reply_published_remains BEFORE DELETE ON tracker_reply
WHEN OLD.published_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a published reply is never changed or deleted');
END;
--;
CREATE TRIGGER tracker_reply_may_be_published BEFORE UPDATE ON tracker_reply
WHEN NEW.published_at IS NOT NULL AND OLD.published_at IS NULL
BEGIN
  SELECT RAISE(ABORT, 'a reply is that of a body that leads, to a published final status')
  WHERE NOT EXISTS (
    SELECT 1 FROM tracker_update u
    JOIN tracker_responsibility r ON r.pledge_id = u.pledge_id
    WHERE u.id = NEW.update_id AND u.state = 'published'
      AND u.status IN ('kept', 'not_kept', 'partly_kept', 'superseded')
      AND r.body_id = NEW.body_id AND r.role = 'lead');
END;
--;
CREATE TRIGGER tracker_period_update_guard BEFORE UPDATE ON tracker_period
WHEN OLD.closed_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a closed period never changes');
END;
--;
CREATE TRIGGER tracker_period_delete_guard BEFORE DELETE ON tracker_period
WHEN OLD.closed_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a closed period never changes');
END;
--;
CREATE TRIGGER tracker_period_is_not_replaced BEFORE INSERT ON tracker_period
BEGIN
  SELECT RAISE(ABORT, 'a closed period never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_period p WHERE p.closed_at IS NOT NULL
                AND (p.id = NEW.id OR p.slug = NEW.slug));
END;
--;
CREATE TRIGGER tracker_period_is_not_overwritten BEFORE UPDATE OF id, slug ON tracker_period
BEGIN
  SELECT RAISE(ABORT, 'a closed period never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_period p WHERE p.closed_at IS NOT NULL
                AND p.id <> OLD.id AND (p.id = NEW.id OR p.slug = NEW.slug));
END;
--;
CREATE TRIGGER tracker_completion_insert_guard BEFORE INSERT ON tracker_completion
BEGIN
  SELECT RAISE(ABORT, 'a closed period never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_period p WHERE p.closed_at IS NOT NULL
                AND p.id IN (NEW.period_id));
END;
--;
CREATE TRIGGER tracker_completion_update_guard BEFORE UPDATE ON tracker_completion
BEGIN
  SELECT RAISE(ABORT, 'a closed period never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_period p WHERE p.closed_at IS NOT NULL
                AND p.id IN (OLD.period_id, NEW.period_id));
END;
--;
CREATE TRIGGER tracker_completion_delete_guard BEFORE DELETE ON tracker_completion
BEGIN
  SELECT RAISE(ABORT, 'a closed period never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_period p WHERE p.closed_at IS NOT NULL
                AND p.id IN (OLD.period_id));
END;
--;
CREATE TRIGGER tracker_frozenfile_insert_guard BEFORE INSERT ON tracker_frozenfile
BEGIN
  SELECT RAISE(ABORT, 'a closed period never changes')
  WHERE EXISTS (SELECT 1 FROM tracker_period p WHERE p.closed_at IS NOT NULL
                AND p.id = NEW.period_id)
     OR EXISTS (SELECT 1 FROM tracker_frozenfile f
                WHERE f.id = NEW.id
                   OR (f.period_id = NEW.period_id AND f.filename = NEW.filename));
END;
--;
CREATE TRIGGER tracker_frozenfile_update_guard BEFORE UPDATE ON tracker_frozenfile
BEGIN
  SELECT RAISE(ABORT, 'a frozen file never changes');
END;
--;
CREATE TRIGGER tracker_frozenfile_delete_guard BEFORE DELETE ON tracker_frozenfile
BEGIN
  SELECT RAISE(ABORT, 'a frozen file never changes');
END;
--;
CREATE TRIGGER tracker_historicalbody_update_guard BEFORE UPDATE ON tracker_historicalbody
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalbody_delete_guard BEFORE DELETE ON tracker_historicalbody
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalbody_insert_guard BEFORE INSERT ON tracker_historicalbody
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalbody h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalindicator_update_guard BEFORE UPDATE ON tracker_historicalindicator
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalindicator_delete_guard BEFORE DELETE ON tracker_historicalindicator
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalindicator_insert_guard BEFORE INSERT ON tracker_historicalindicator
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalindicator h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalmeasurement_update_guard BEFORE UPDATE ON tracker_historicalmeasurement
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalmeasurement_delete_guard BEFORE DELETE ON tracker_historicalmeasurement
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalmeasurement_insert_guard BEFORE INSERT ON tracker_historicalmeasurement
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalmeasurement h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalmilestone_update_guard BEFORE UPDATE ON tracker_historicalmilestone
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalmilestone_delete_guard BEFORE DELETE ON tracker_historicalmilestone
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalmilestone_insert_guard BEFORE INSERT ON tracker_historicalmilestone
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalmilestone h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalpassage_update_guard BEFORE UPDATE ON tracker_historicalpassage
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalpassage_delete_guard BEFORE DELETE ON tracker_historicalpassage
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalpassage_insert_guard BEFORE INSERT ON tracker_historicalpassage
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalpassage h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalpillar_update_guard BEFORE UPDATE ON tracker_historicalpillar
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalpillar_delete_guard BEFORE DELETE ON tracker_historicalpillar
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalpillar_insert_guard BEFORE INSERT ON tracker_historicalpillar
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalpillar h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalpledge_update_guard BEFORE UPDATE ON tracker_historicalpledge
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalpledge_delete_guard BEFORE DELETE ON tracker_historicalpledge
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalpledge_insert_guard BEFORE INSERT ON tracker_historicalpledge
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalpledge h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalpledge_sectors_update_guard BEFORE UPDATE ON tracker_historicalpledge_sectors
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalpledge_sectors_delete_guard BEFORE DELETE ON tracker_historicalpledge_sectors
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalpledge_sectors_insert_guard BEFORE INSERT ON tracker_historicalpledge_sectors
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalpledge_sectors h WHERE h.m2m_history_id = NEW.m2m_history_id);
END;
--;
CREATE TRIGGER tracker_historicalprogramme_update_guard BEFORE UPDATE ON tracker_historicalprogramme
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalprogramme_delete_guard BEFORE DELETE ON tracker_historicalprogramme
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalprogramme_insert_guard BEFORE INSERT ON tracker_historicalprogramme
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalprogramme h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalresponsibility_update_guard BEFORE UPDATE ON tracker_historicalresponsibility
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalresponsibility_delete_guard BEFORE DELETE ON tracker_historicalresponsibility
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalresponsibility_insert_guard BEFORE INSERT ON tracker_historicalresponsibility
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalresponsibility h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalsector_update_guard BEFORE UPDATE ON tracker_historicalsector
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalsector_delete_guard BEFORE DELETE ON tracker_historicalsector
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalsector_insert_guard BEFORE INSERT ON tracker_historicalsector
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalsector h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalsource_update_guard BEFORE UPDATE ON tracker_historicalsource
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalsource_delete_guard BEFORE DELETE ON tracker_historicalsource
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalsource_insert_guard BEFORE INSERT ON tracker_historicalsource
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalsource h WHERE h.history_id = NEW.history_id);
END;
--;
CREATE TRIGGER tracker_historicalsourcenote_update_guard BEFORE UPDATE ON tracker_historicalsourcenote
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalsourcenote_delete_guard BEFORE DELETE ON tracker_historicalsourcenote
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to');
END;
--;
CREATE TRIGGER tracker_historicalsourcenote_insert_guard BEFORE INSERT ON tracker_historicalsourcenote
BEGIN
  SELECT RAISE(ABORT, 'history is only ever added to')
  WHERE EXISTS (SELECT 1 FROM tracker_historicalsourcenote h WHERE h.history_id = NEW.history_id);
END;
