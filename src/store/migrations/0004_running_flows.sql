-- Requests with an idempotency key that call the network between their transactions: while one runs, its key must be
-- taken, and after a crash somebody must be able to run it again. Whoever runs it holds it until lease_until; `runs`
-- tells the present runner from one whose lease has passed.

CREATE TABLE running_flows (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  key_hash BYTEA NOT NULL,
  fingerprint BYTEA NOT NULL,
  principal UUID NOT NULL,
  method TEXT NOT NULL,
  target TEXT NOT NULL,
  body TEXT NOT NULL,
  runs BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, key_hash)
);

CREATE INDEX running_flows_lease_until ON running_flows (lease_until);
