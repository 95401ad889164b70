-- The first tables: who is paid, what is owed, each try to pay it, where the money went, and what is to be told of it.
-- Everything a tenant owns has organization_id first in its primary key. Times are microseconds since 1970 in UTC.

CREATE TABLE organizations (
  id UUID PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE users (
  id UUID PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  user_id UUID NOT NULL REFERENCES users (id),
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, user_id)
);

CREATE TABLE bank_accounts (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  name TEXT NOT NULL,
  iban TEXT NOT NULL,
  bic TEXT NOT NULL,
  currency CHAR(3) NOT NULL,
  main SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE api_keys (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  secret_hash BYTEA NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, secret_hash)
);

CREATE TABLE oauth_clients (
  id UUID PRIMARY KEY,
  name TEXT NOT NULL,
  secret_hash BYTEA NOT NULL,
  redirect_uri TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- Access and refresh tokens; expires_at is absent for the sandbox's own.
CREATE TABLE oauth_tokens (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  token_hash BYTEA NOT NULL,
  client_id UUID NOT NULL REFERENCES oauth_clients (id),
  membership_id UUID NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, token_hash)
);

-- How a merchant is paid. The key is sealed and bound to this row.
CREATE TABLE connections (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  provider TEXT NOT NULL,
  mode TEXT NOT NULL,
  status TEXT NOT NULL,
  api_key_sealed BYTEA NOT NULL,
  bank_account_id UUID NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE payment_links (
  organization_id UUID NOT NULL REFERENCES organizations (id),
  id UUID NOT NULL,
  resource_id UUID NOT NULL,
  status TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency CHAR(3) NOT NULL,
  methods TEXT NOT NULL,
  reusable SMALLINT NOT NULL,
  items TEXT,
  invoice_id UUID,
  invoice_number TEXT,
  debitor_name TEXT,
  expiration_date BIGINT NOT NULL,
  expires_effective_at BIGINT,
  canceled_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, resource_id)
);

CREATE INDEX payment_links_to_expire ON payment_links (expires_effective_at) WHERE status = 'open';

-- `exclusive` is 1 on links that can be paid once.
CREATE TABLE attempts (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  payment_link_id UUID NOT NULL,
  connection_id UUID NOT NULL,
  token BYTEA NOT NULL,
  nonce UUID NOT NULL,
  exclusive SMALLINT NOT NULL,
  state TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency CHAR(3) NOT NULL,
  payee TEXT NOT NULL,
  method TEXT NOT NULL,
  debitor_email TEXT NOT NULL,
  provider_payment_id TEXT NOT NULL,
  checkout_url TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  superseded_at BIGINT,
  paid_at BIGINT,
  tries BIGINT NOT NULL,
  due_at BIGINT,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, token),
  UNIQUE (organization_id, payment_link_id, nonce),
  FOREIGN KEY (organization_id, payment_link_id) REFERENCES payment_links (organization_id, id)
);

-- The second wall against charging twice: one try at a time on a link that can be paid once.
CREATE UNIQUE INDEX attempts_current ON attempts (organization_id, payment_link_id)
  WHERE exclusive = 1 AND superseded_at IS NULL AND state IN ('open', 'pending', 'authorized');

-- What a link's status depends on, without the many finished ones of a link that is paid again and again.
CREATE INDEX attempts_alive ON attempts (organization_id, payment_link_id)
  WHERE state IN ('open', 'pending', 'authorized');

CREATE INDEX attempts_due ON attempts (due_at) WHERE due_at IS NOT NULL;

-- Money that arrived: one row an attempt, kept or surplus.
CREATE TABLE captures (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  payment_link_id UUID NOT NULL,
  attempt_id UUID NOT NULL,
  exclusive SMALLINT NOT NULL,
  kept SMALLINT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency CHAR(3) NOT NULL,
  captured_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, attempt_id),
  FOREIGN KEY (organization_id, attempt_id) REFERENCES attempts (organization_id, id)
);

CREATE UNIQUE INDEX captures_kept ON captures (organization_id, payment_link_id) WHERE exclusive = 1 AND kept = 1;

CREATE TABLE refunds (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  attempt_id UUID NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency CHAR(3) NOT NULL,
  provider_refund_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  due_at BIGINT,
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, attempt_id) REFERENCES attempts (organization_id, id)
);

CREATE INDEX refunds_of_attempt ON refunds (organization_id, attempt_id);
CREATE INDEX refunds_due ON refunds (due_at) WHERE due_at IS NOT NULL;

-- Every movement of money: two rows that sum to zero, never changed.
CREATE TABLE ledger_entries (
  organization_id UUID NOT NULL,
  movement_id UUID NOT NULL,
  side SMALLINT NOT NULL,
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  attempt_id UUID NOT NULL,
  amount_minor BIGINT NOT NULL,
  currency CHAR(3) NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, movement_id, side)
);

-- What subscribers will be told, written in the commit of the change it tells of.
CREATE TABLE outbox_events (
  organization_id UUID NOT NULL,
  id UUID NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE INDEX outbox_events_created_at ON outbox_events (created_at);

-- What a provider said that cannot be true, or cannot do; for the operator. The first of a kind is kept.
CREATE TABLE provider_alerts (
  organization_id UUID NOT NULL,
  attempt_id UUID NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, attempt_id, kind)
);

CREATE TABLE idempotency_keys (
  organization_id UUID NOT NULL,
  key_hash BYTEA NOT NULL,
  fingerprint BYTEA NOT NULL,
  status SMALLINT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, key_hash)
);

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- What an installation remembers about itself, such as how far the sandbox's clock has been moved.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
