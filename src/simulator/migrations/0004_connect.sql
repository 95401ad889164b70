-- Organizations that allow an application to speak for them (OAuth): who they are, their profiles, what they have allowed
-- whom, and the codes and tokens that came of it. Codes, tokens and secrets are kept as digests.

CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  onboarding TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- `api_key` is the profile's test key, and `tenant` what payments made with it are kept under.
CREATE TABLE profiles (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  api_key TEXT NOT NULL,
  tenant TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);
CREATE INDEX profiles_by_organization ON profiles (organization_id, number);

-- The first request of each says where it is led back to, and its first call what its secret is.
CREATE TABLE applications (
  client_id TEXT PRIMARY KEY,
  redirect_uri TEXT NOT NULL,
  secret_digest TEXT
);

CREATE TABLE authorizations (
  id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES applications (client_id),
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  scopes TEXT NOT NULL,
  code_digest TEXT UNIQUE,
  code_expires_at BIGINT,
  refresh_digest TEXT UNIQUE
);

CREATE TABLE access_tokens (
  digest TEXT PRIMARY KEY,
  authorization_id TEXT NOT NULL REFERENCES authorizations (id),
  expires_at BIGINT NOT NULL
);
CREATE INDEX access_tokens_by_authorization ON access_tokens (authorization_id);
CREATE INDEX access_tokens_by_age ON access_tokens (expires_at);

CREATE TABLE client_links (
  id TEXT PRIMARY KEY,
  organization_name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
