-- Of a reusable link the earliest payment begun that is neither final nor superseded says whether the link stays open
-- past its date: it is the first of this index, however many there are.

DROP INDEX attempts_alive;
CREATE INDEX attempts_alive ON attempts (organization_id, payment_link_id, superseded_at, created_at)
  WHERE state IN ('open', 'pending', 'authorized');
