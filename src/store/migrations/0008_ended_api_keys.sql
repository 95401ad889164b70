-- API keys that ended long ago are found and deleted without reading the others. And the payments of a link are counted
-- by an index alone.

CREATE INDEX api_keys_expired ON api_keys (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX api_keys_revoked ON api_keys (revoked_at) WHERE revoked_at IS NOT NULL;

DROP INDEX attempts_of_link;
CREATE INDEX attempts_of_link ON attempts (organization_id, payment_link_id, id, state);
