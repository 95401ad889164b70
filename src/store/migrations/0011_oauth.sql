-- OAuth 2.0 and the people behind it: applications with several secrets and redirect URIs, what a member has allowed each
-- of them, the code and the tokens of every grant; sessions of signed-in people, and how often somebody failed to sign in.
-- Until now there was one application with one secret and one URI, and tokens stood alone.

ALTER TABLE users ADD COLUMN password_changed_at BIGINT;
UPDATE users SET email = lower(email);

-- A person who has left keeps the row: what they have done stays theirs.
ALTER TABLE memberships ADD COLUMN ended_at BIGINT;
CREATE INDEX memberships_of_user ON memberships (user_id, organization_id) WHERE ended_at IS NULL;

ALTER TABLE oauth_clients ADD COLUMN kind TEXT NOT NULL DEFAULT 'confidential';
ALTER TABLE oauth_clients ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE oauth_clients ADD COLUMN created_by TEXT NOT NULL DEFAULT 'paylink';
ALTER TABLE oauth_clients ADD COLUMN deleted_at BIGINT;

-- Two at a time while one takes the other's place; `expires_at` is absent for the newest.
CREATE TABLE oauth_client_secrets (
  client_id UUID NOT NULL REFERENCES oauth_clients (id),
  id UUID NOT NULL,
  secret_hash BYTEA NOT NULL,
  secret_end TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  PRIMARY KEY (client_id, id)
);

CREATE TABLE oauth_redirect_uris (
  client_id UUID NOT NULL REFERENCES oauth_clients (id),
  uri TEXT NOT NULL,
  PRIMARY KEY (client_id, uri)
);

INSERT INTO oauth_client_secrets (client_id, id, secret_hash, secret_end, created_at)
  SELECT id, id, secret_hash, '', created_at FROM oauth_clients;
INSERT INTO oauth_redirect_uris (client_id, uri) SELECT id, redirect_uri FROM oauth_clients;
UPDATE oauth_clients SET scopes = 'payment_link.read payment_link.write payment_link.create organization.read '
  || 'membership.read webhook offline_access';
ALTER TABLE oauth_clients DROP COLUMN secret_hash;
ALTER TABLE oauth_clients DROP COLUMN redirect_uri;

-- What one authorization led to. Everything issued under it dies with it; `expires_at` is absent for the sandbox's own.
CREATE TABLE oauth_grants (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  client_id UUID NOT NULL REFERENCES oauth_clients (id),
  membership_id UUID NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  revoked_for TEXT,
  PRIMARY KEY (organization_id, id)
);

CREATE INDEX oauth_grants_live ON oauth_grants (organization_id, membership_id, client_id) WHERE revoked_at IS NULL;
CREATE INDEX oauth_grants_expires_at ON oauth_grants (expires_at) WHERE expires_at IS NOT NULL;

INSERT INTO oauth_grants (organization_id, id, client_id, membership_id, scopes, created_at, expires_at, revoked_at)
  SELECT organization_id, id, client_id, membership_id, scopes, created_at, expires_at, revoked_at FROM oauth_tokens;

-- `used_at` is when a refresh token was exchanged: whoever comes with it again has stolen it, or was stolen from.
ALTER TABLE oauth_tokens ADD COLUMN grant_id UUID;
ALTER TABLE oauth_tokens ADD COLUMN used_at BIGINT;
UPDATE oauth_tokens SET grant_id = id;
CREATE INDEX oauth_tokens_expires_at ON oauth_tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX oauth_tokens_of_grant ON oauth_tokens (organization_id, grant_id);

-- The grant that comes of a code has the code's id.
CREATE TABLE oauth_codes (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  code_hash BYTEA NOT NULL,
  client_id UUID NOT NULL REFERENCES oauth_clients (id),
  membership_id UUID NOT NULL,
  scopes TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  code_challenge TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, code_hash)
);

CREATE INDEX oauth_codes_expires_at ON oauth_codes (expires_at);

-- What a member need not be asked again.
CREATE TABLE oauth_consents (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  membership_id UUID NOT NULL,
  client_id UUID NOT NULL REFERENCES oauth_clients (id),
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, membership_id, client_id)
);

-- Of people, not of organizations: somebody may be in several. `authenticated_at` is when the password was last typed.
CREATE TABLE sessions (
  user_id UUID NOT NULL REFERENCES users (id),
  id UUID NOT NULL,
  token_hash BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  authenticated_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  user_agent TEXT NOT NULL,
  PRIMARY KEY (user_id, id),
  UNIQUE (user_id, token_hash)
);

CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- How often a password was wrong, by a keyed hash of who tried what: nothing here names anybody.
CREATE TABLE sign_in_failures (
  subject BYTEA PRIMARY KEY,
  failures BIGINT NOT NULL,
  started_at BIGINT NOT NULL
);

CREATE INDEX sign_in_failures_started_at ON sign_in_failures (started_at);
