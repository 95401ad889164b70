-- A merchant shows the provider's key on a page of ours: it is asked whose it is, kept apart, and takes effect when he
-- has confirmed that this is who shall be paid. `revision` counts what was decided, so that no page decides twice.

ALTER TABLE connections ADD COLUMN profile_id TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN profile_name TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN proposed_key_sealed BYTEA;
ALTER TABLE connections ADD COLUMN proposed_mode TEXT;
ALTER TABLE connections ADD COLUMN proposed_profile_id TEXT;
ALTER TABLE connections ADD COLUMN proposed_profile_name TEXT;
ALTER TABLE connections ADD COLUMN proposed_at BIGINT;

CREATE INDEX connections_proposed_at ON connections (proposed_at) WHERE proposed_at IS NOT NULL;
