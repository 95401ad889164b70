-- What merchants keep with their links, and where to look for it: a row for each pair, with the hash of its value and
-- what lists are ordered by (neither changes while a link lives), so that a filter reads one range of an index.

ALTER TABLE payment_links ADD COLUMN metadata TEXT;

CREATE TABLE payment_link_metadata (
  organization_id UUID NOT NULL,
  name TEXT NOT NULL,
  value_hash BYTEA NOT NULL,
  payment_link_id UUID NOT NULL,
  amount_minor BIGINT NOT NULL,
  expiration_date BIGINT NOT NULL,
  PRIMARY KEY (organization_id, name, value_hash, payment_link_id),
  FOREIGN KEY (organization_id, payment_link_id) REFERENCES payment_links (organization_id, id)
);

CREATE INDEX payment_link_metadata_by_amount
  ON payment_link_metadata (organization_id, name, value_hash, amount_minor, payment_link_id);
CREATE INDEX payment_link_metadata_by_expiration
  ON payment_link_metadata (organization_id, name, value_hash, expiration_date, payment_link_id);
