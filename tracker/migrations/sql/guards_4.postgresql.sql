-- PostgreSQL: each change that a reader may see moves the edition of the record on, whatever road it comes
-- by. It is done as the transaction ends: its row is the last to be locked, so that nobody waits for it
-- with another lock in hand, and editions follow each other in the order in which they become visible.
-- An edition is at least the time in microseconds: a copy that is restored never gives a number twice.

CREATE FUNCTION tracker_move_edition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  reached bigint := nullif(current_setting('tracker.edition', true), '')::bigint;
BEGIN
  IF reached IS NULL THEN
    INSERT INTO tracker_edition AS e (id, number)
    VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    ON CONFLICT (id) DO UPDATE SET number = greatest(e.number + 1, EXCLUDED.number)
    RETURNING number INTO reached;
    PERFORM set_config('tracker.edition', reached::text, true);
  END IF;
  IF TG_NARGS = 1 THEN
    INSERT INTO tracker_touch (pledge_id, number)
    VALUES ((to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END) ->> TG_ARGV[0])::bigint, reached)
    ON CONFLICT (pledge_id) DO UPDATE SET number = EXCLUDED.number;
  END IF;
  RETURN NULL;
END $$;
--;
CREATE CONSTRAINT TRIGGER tracker_pledge_moves_edition AFTER INSERT OR UPDATE ON tracker_pledge
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.published_at IS NOT NULL)
EXECUTE FUNCTION tracker_move_edition('id');
--;
CREATE CONSTRAINT TRIGGER tracker_update_moves_edition AFTER UPDATE ON tracker_update
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'published')
EXECUTE FUNCTION tracker_move_edition('pledge_id');
--;
CREATE CONSTRAINT TRIGGER tracker_milestone_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_milestone
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition('pledge_id');
--;
CREATE CONSTRAINT TRIGGER tracker_responsibility_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_responsibility
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition('pledge_id');
--;
CREATE CONSTRAINT TRIGGER tracker_pledge_sectors_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_pledge_sectors
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition('pledge_id');
--;
CREATE CONSTRAINT TRIGGER tracker_reply_moves_edition AFTER UPDATE ON tracker_reply
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.published_at IS NOT NULL)
EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_programme_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_programme
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_pillar_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_pillar
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_sector_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_sector
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_body_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_body
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_source_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_source
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_passage_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_passage
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_sourcenote_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_sourcenote
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_indicator_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_indicator
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_measurement_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_measurement
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_period_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_period
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_completion_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_completion
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_frozenfile_moves_edition AFTER INSERT OR UPDATE OR DELETE ON tracker_frozenfile
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalbody_moves_edition AFTER INSERT ON tracker_historicalbody
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalindicator_moves_edition AFTER INSERT ON tracker_historicalindicator
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalmeasurement_moves_edition AFTER INSERT ON tracker_historicalmeasurement
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalmilestone_moves_edition AFTER INSERT ON tracker_historicalmilestone
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalpassage_moves_edition AFTER INSERT ON tracker_historicalpassage
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalpillar_moves_edition AFTER INSERT ON tracker_historicalpillar
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalpledge_moves_edition AFTER INSERT ON tracker_historicalpledge
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalpledge_sectors_moves_edition AFTER INSERT ON tracker_historicalpledge_sectors
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalprogramme_moves_edition AFTER INSERT ON tracker_historicalprogramme
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalresponsibility_moves_edition AFTER INSERT ON tracker_historicalresponsibility
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalsector_moves_edition AFTER INSERT ON tracker_historicalsector
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalsource_moves_edition AFTER INSERT ON tracker_historicalsource
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
--;
CREATE CONSTRAINT TRIGGER tracker_historicalsourcenote_moves_edition AFTER INSERT ON tracker_historicalsourcenote
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tracker_move_edition();
