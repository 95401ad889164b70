-- How often a part of a count has been written. Counts that are equal may be of different links (one was paid, another
-- came back): whoever keeps in memory what a transaction sees of an organization's links tells by this.

ALTER TABLE payment_link_counts ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;
