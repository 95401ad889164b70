-- Who did what that money or access depends on: written in the commit of what was done and never changed. A moment later
-- the server binds each entry to the one before it with its key; `number` and `mac` are absent until then. The log is the
-- operator's: no organization's work reads it.

CREATE TABLE audit_events (
  id UUID PRIMARY KEY,
  occurred_at BIGINT NOT NULL,
  about_organization UUID,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  number BIGINT,
  mac BYTEA
);

CREATE UNIQUE INDEX audit_events_number ON audit_events (number) WHERE number IS NOT NULL;
CREATE INDEX audit_events_unbound ON audit_events (id) WHERE number IS NULL;
CREATE INDEX audit_events_of_organization ON audit_events (about_organization, id);
