-- Whether anything of a connection is still to be asked about, without the many payments and refunds of its organization
-- that are done with.

CREATE INDEX attempts_due_of_connection ON attempts (organization_id, connection_id) WHERE due_at IS NOT NULL;
CREATE INDEX refunds_due_of_organization ON refunds (organization_id) WHERE due_at IS NOT NULL;
