-- Several API keys for each organization: a name and the end of the secret to know each by, who made it, and when it
-- was last used. Until now there was only the one that the installation made.

ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT 'first key';
ALTER TABLE api_keys ADD COLUMN secret_end TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN created_by TEXT NOT NULL DEFAULT 'paylink';
ALTER TABLE api_keys ADD COLUMN last_used_at BIGINT;

CREATE INDEX api_keys_not_revoked ON api_keys (organization_id, id) WHERE revoked_at IS NULL;
