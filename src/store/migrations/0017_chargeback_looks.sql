-- The provider tells of a chargeback by notices. When all of them were lost its list still tells, which is looked at now
-- and then: `chargebacks_due_at` says when next, `chargebacks_seen` which was the newest that has been dealt with.

ALTER TABLE connections ADD COLUMN chargebacks_due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN chargebacks_seen TEXT NOT NULL DEFAULT '';

CREATE INDEX connections_chargebacks_due_at ON connections (chargebacks_due_at);
CREATE INDEX chargebacks_by_provider_id ON chargebacks (organization_id, provider_chargeback_id);
