-- A connection begins by what the merchant says of himself, and is finished later on the provider's page: until then it
-- has no key (an empty one). Of those that are pending or enabled an organization has one.

ALTER TABLE connections ADD COLUMN callback_url TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN phone_number TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN business_description TEXT;
ALTER TABLE connections ADD COLUMN website_url TEXT;

CREATE UNIQUE INDEX connections_active ON connections (organization_id) WHERE status IN ('pending', 'enabled');
