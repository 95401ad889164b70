-- What a payer does on the page of a method, which becomes the payment's `details`: by which of the known test cards (a
-- name: a number is never kept) or from which bank, and why it failed. And what he may choose from, where several methods
-- were asked for. Empty: nothing.

ALTER TABLE payments ADD COLUMN allowed_methods TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN card TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN card_holder TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN card_expiry TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN card_security TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN bank TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN failure_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN failure_message TEXT NOT NULL DEFAULT '';

-- What a client asks for besides and gets back; empty or null: nothing.
ALTER TABLE payments ADD COLUMN lines TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN billing_address TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN shipping_address TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN country TEXT;

-- Refunds that are on their way and cannot be taken back any more.
CREATE INDEX refunds_to_finish ON refunds (created_at) WHERE status = 'processing';
