-- Payments that a payer's bank has taken back, as the provider tells of them: one row each, however often it is told of.
-- `charged_back_at` and `reversed_at`, absent unless the bank gave it up, are the provider's times.

CREATE TABLE chargebacks (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  attempt_id UUID NOT NULL,
  provider_chargeback_id TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency CHAR(3) NOT NULL,
  charged_back_at BIGINT NOT NULL,
  reversed_at BIGINT,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, attempt_id, provider_chargeback_id),
  FOREIGN KEY (organization_id, attempt_id) REFERENCES attempts (organization_id, id)
);

CREATE INDEX chargebacks_of_attempt ON chargebacks (organization_id, attempt_id, id);
