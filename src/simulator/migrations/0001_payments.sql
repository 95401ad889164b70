-- What the simulated provider must remember across a crash: payments, their refunds, the answers it gave under an
-- idempotency key, the notifications it still has to send, and where it can be reached. Times are microseconds since 1970 in UTC.

CREATE TABLE payments (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  checkout_token TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency TEXT NOT NULL,
  refunded_minor BIGINT NOT NULL,
  description TEXT NOT NULL,
  method TEXT,
  locale TEXT,
  redirect_url TEXT NOT NULL,
  cancel_url TEXT,
  webhook_url TEXT,
  metadata TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  status_at BIGINT
);
CREATE INDEX payments_by_tenant ON payments (tenant, number);
CREATE INDEX payments_to_expire ON payments (expires_at) WHERE status = 'open';

CREATE TABLE refunds (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  payment_number BIGINT NOT NULL REFERENCES payments (number),
  status TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  description TEXT NOT NULL,
  metadata TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX refunds_by_payment ON refunds (payment_number, number);
CREATE INDEX refunds_to_settle ON refunds (created_at) WHERE status IN ('queued', 'pending');

CREATE TABLE answers (
  tenant TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  path TEXT NOT NULL,
  request_body TEXT NOT NULL,
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant, idempotency_key)
);
CREATE INDEX answers_by_age ON answers (created_at);

CREATE TABLE notifications (
  number INTEGER PRIMARY KEY,
  payment_id TEXT NOT NULL,
  url TEXT NOT NULL,
  tries BIGINT NOT NULL,
  due_at BIGINT NOT NULL
);
CREATE INDEX notifications_by_due ON notifications (due_at);

CREATE TABLE listening (
  place BIGINT PRIMARY KEY CHECK (place = 1),
  port BIGINT NOT NULL
);
