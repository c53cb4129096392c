-- SQLite: each change that a reader may see moves the edition of the record on, whatever road it comes by.
-- An edition is at least the time in microseconds: a copy that is restored never gives a number twice.

CREATE TRIGGER tracker_pledge_insert_moves_edition AFTER INSERT ON tracker_pledge
WHEN NEW.published_at IS NOT NULL
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_pledge_update_moves_edition AFTER UPDATE ON tracker_pledge
WHEN NEW.published_at IS NOT NULL
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_update_moves_edition AFTER UPDATE ON tracker_update
WHEN NEW.state = 'published'
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_milestone_insert_moves_edition AFTER INSERT ON tracker_milestone
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_milestone_update_moves_edition AFTER UPDATE ON tracker_milestone
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_milestone_delete_moves_edition AFTER DELETE ON tracker_milestone
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT OLD.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_responsibility_insert_moves_edition AFTER INSERT ON tracker_responsibility
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_responsibility_update_moves_edition AFTER UPDATE ON tracker_responsibility
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_responsibility_delete_moves_edition AFTER DELETE ON tracker_responsibility
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT OLD.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_pledge_sectors_insert_moves_edition AFTER INSERT ON tracker_pledge_sectors
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_pledge_sectors_update_moves_edition AFTER UPDATE ON tracker_pledge_sectors
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT NEW.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_pledge_sectors_delete_moves_edition AFTER DELETE ON tracker_pledge_sectors
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
  INSERT INTO tracker_touch (pledge_id, number)
  SELECT OLD.pledge_id, number FROM tracker_edition WHERE id = 1
  ON CONFLICT (pledge_id) DO UPDATE SET number = excluded.number;
END;
--;
CREATE TRIGGER tracker_reply_moves_edition AFTER UPDATE ON tracker_reply
WHEN NEW.published_at IS NOT NULL
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_programme_insert_moves_edition AFTER INSERT ON tracker_programme
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_programme_update_moves_edition AFTER UPDATE ON tracker_programme
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_programme_delete_moves_edition AFTER DELETE ON tracker_programme
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_pillar_insert_moves_edition AFTER INSERT ON tracker_pillar
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_pillar_update_moves_edition AFTER UPDATE ON tracker_pillar
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_pillar_delete_moves_edition AFTER DELETE ON tracker_pillar
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_sector_insert_moves_edition AFTER INSERT ON tracker_sector
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_sector_update_moves_edition AFTER UPDATE ON tracker_sector
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_sector_delete_moves_edition AFTER DELETE ON tracker_sector
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_body_insert_moves_edition AFTER INSERT ON tracker_body
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_body_update_moves_edition AFTER UPDATE ON tracker_body
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_body_delete_moves_edition AFTER DELETE ON tracker_body
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_source_insert_moves_edition AFTER INSERT ON tracker_source
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_source_update_moves_edition AFTER UPDATE ON tracker_source
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_source_delete_moves_edition AFTER DELETE ON tracker_source
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_passage_insert_moves_edition AFTER INSERT ON tracker_passage
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_passage_update_moves_edition AFTER UPDATE ON tracker_passage
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_passage_delete_moves_edition AFTER DELETE ON tracker_passage
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_sourcenote_insert_moves_edition AFTER INSERT ON tracker_sourcenote
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_sourcenote_update_moves_edition AFTER UPDATE ON tracker_sourcenote
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_sourcenote_delete_moves_edition AFTER DELETE ON tracker_sourcenote
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_indicator_insert_moves_edition AFTER INSERT ON tracker_indicator
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_indicator_update_moves_edition AFTER UPDATE ON tracker_indicator
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_indicator_delete_moves_edition AFTER DELETE ON tracker_indicator
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_measurement_insert_moves_edition AFTER INSERT ON tracker_measurement
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_measurement_update_moves_edition AFTER UPDATE ON tracker_measurement
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_measurement_delete_moves_edition AFTER DELETE ON tracker_measurement
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_period_insert_moves_edition AFTER INSERT ON tracker_period
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_period_update_moves_edition AFTER UPDATE ON tracker_period
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_period_delete_moves_edition AFTER DELETE ON tracker_period
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_completion_insert_moves_edition AFTER INSERT ON tracker_completion
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_completion_update_moves_edition AFTER UPDATE ON tracker_completion
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_completion_delete_moves_edition AFTER DELETE ON tracker_completion
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_frozenfile_insert_moves_edition AFTER INSERT ON tracker_frozenfile
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_frozenfile_update_moves_edition AFTER UPDATE ON tracker_frozenfile
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_frozenfile_delete_moves_edition AFTER DELETE ON tracker_frozenfile
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalbody_moves_edition AFTER INSERT ON tracker_historicalbody
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalindicator_moves_edition AFTER INSERT ON tracker_historicalindicator
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalmeasurement_moves_edition AFTER INSERT ON tracker_historicalmeasurement
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalmilestone_moves_edition AFTER INSERT ON tracker_historicalmilestone
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalpassage_moves_edition AFTER INSERT ON tracker_historicalpassage
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalpillar_moves_edition AFTER INSERT ON tracker_historicalpillar
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalpledge_moves_edition AFTER INSERT ON tracker_historicalpledge
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalpledge_sectors_moves_edition AFTER INSERT ON tracker_historicalpledge_sectors
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalprogramme_moves_edition AFTER INSERT ON tracker_historicalprogramme
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalresponsibility_moves_edition AFTER INSERT ON tracker_historicalresponsibility
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalsector_moves_edition AFTER INSERT ON tracker_historicalsector
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalsource_moves_edition AFTER INSERT ON tracker_historicalsource
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
--;
CREATE TRIGGER tracker_historicalsourcenote_moves_edition AFTER INSERT ON tracker_historicalsourcenote
BEGIN
  INSERT INTO tracker_edition (id, number)
  VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
  ON CONFLICT (id) DO UPDATE SET number = max(number + 1, excluded.number);
END;
