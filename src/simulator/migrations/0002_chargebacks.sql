-- Payments that a payer's bank takes back, and gives up again.

ALTER TABLE payments ADD COLUMN charged_back_minor BIGINT NOT NULL DEFAULT 0;

CREATE TABLE chargebacks (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  payment_number BIGINT NOT NULL REFERENCES payments (number),
  amount_minor BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  reversed_at BIGINT
);
CREATE INDEX chargebacks_by_payment ON chargebacks (payment_number, number);
