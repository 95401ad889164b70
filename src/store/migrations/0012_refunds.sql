-- Merchants refund payments, in parts if they like. What all refunds of a capture take that have not failed is kept with
-- it: the second wall against giving back more than came in, whoever asks at the same moment.

ALTER TABLE captures ADD COLUMN refunds_minor BIGINT NOT NULL DEFAULT 0
  CHECK (refunds_minor >= 0 AND refunds_minor <= amount_minor);

UPDATE captures SET refunds_minor = (
  SELECT COALESCE(SUM(amount_minor), 0) FROM refunds
  WHERE refunds.organization_id = captures.organization_id AND refunds.attempt_id = captures.attempt_id
    AND refunds.state <> 'failed')
WHERE EXISTS (
  SELECT 1 FROM refunds
  WHERE refunds.organization_id = captures.organization_id AND refunds.attempt_id = captures.attempt_id
    AND refunds.state <> 'failed');

-- A payment's refunds in the order of their creation.
DROP INDEX refunds_of_attempt;
CREATE INDEX refunds_of_attempt ON refunds (organization_id, attempt_id, id);
