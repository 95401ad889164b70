-- Tokens are good for the application they were issued to alone (RFC 6749, section 6): who asks with another one's id is
-- told that they are worth nothing, for good. Empty where it was not noted yet.

ALTER TABLE provider_grants ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
