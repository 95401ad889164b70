-- Since when a provider has said nothing of a payment, and how often in a row it did not know it, or would not refund
-- it: one stray answer must not end anything.

ALTER TABLE attempts ADD COLUMN silent_since BIGINT;
ALTER TABLE attempts ADD COLUMN unknown_looks BIGINT NOT NULL DEFAULT 0;
ALTER TABLE refunds ADD COLUMN refusals BIGINT NOT NULL DEFAULT 0;
