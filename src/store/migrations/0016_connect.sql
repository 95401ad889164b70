-- A merchant may let us speak for him by authorizing us at the provider (OAuth) instead of showing a key. What came of
-- it is a row of its own: asked for, given, in use, ended and to be revoked. `tokens` counts how often tokens were
-- issued, so that of two who renew them the second finds the first; `lease_until` is held by who is renewing them.
-- An alert about a connection is for the operator, as those about attempts are.

CREATE TABLE provider_grants (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  connection_id UUID NOT NULL,
  state TEXT NOT NULL,
  user_id UUID NOT NULL,
  revision BIGINT NOT NULL,
  account_name TEXT NOT NULL DEFAULT '',
  is_account_complete SMALLINT NOT NULL DEFAULT 0,
  profiles TEXT NOT NULL DEFAULT '[]',
  access_token_sealed BYTEA,
  refresh_token_sealed BYTEA,
  tokens BIGINT NOT NULL DEFAULT 0,
  issued_at BIGINT,
  lease_until BIGINT,
  tries BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  state_at BIGINT NOT NULL,
  due_at BIGINT,
  PRIMARY KEY (organization_id, id)
);

CREATE INDEX provider_grants_of_connection ON provider_grants (organization_id, connection_id);
CREATE INDEX provider_grants_due ON provider_grants (due_at) WHERE due_at IS NOT NULL;

ALTER TABLE connections ADD COLUMN grant_id UUID;
ALTER TABLE connections ADD COLUMN account_name TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN proposed_grant_id UUID;

CREATE TABLE connection_alerts (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  connection_id UUID NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, connection_id, kind)
);
