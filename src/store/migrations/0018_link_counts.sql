-- How many links an organization has in each status: a list with millions of links must not count them for each page.
-- Written with what changes a link, in parts: a part is added to by one connection at a time, which then waits for
-- nobody. The count is the sum of its parts; one of them may be negative. The status is the stored one.

CREATE TABLE payment_link_counts (
  organization_id UUID NOT NULL,
  status TEXT NOT NULL,
  part SMALLINT NOT NULL,
  links BIGINT NOT NULL,
  PRIMARY KEY (organization_id, status, part)
);

INSERT INTO payment_link_counts (organization_id, status, part, links)
  SELECT organization_id, status, 0, COUNT(*) FROM payment_links GROUP BY organization_id, status;
