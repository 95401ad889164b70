-- Lists of links by status, in each order the API offers, and of the payments of a link: without these every page would
-- read all that an organization has.

CREATE INDEX payment_links_by_status ON payment_links (organization_id, status, id);
CREATE INDEX payment_links_by_amount ON payment_links (organization_id, status, amount_minor, id);
CREATE INDEX payment_links_by_expiration ON payment_links (organization_id, status, expiration_date, id);

-- Links whose time is over and whose stored status does not say so yet: few, and only for a moment.
CREATE INDEX payment_links_late ON payment_links (organization_id, expires_effective_at) WHERE status = 'open';

CREATE INDEX attempts_of_link ON attempts (organization_id, payment_link_id, id);
