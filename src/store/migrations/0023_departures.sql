-- Where the installation that is here was moved to: nobody may serve it here any longer, or a link could be paid in two
-- places. At most one row.

CREATE TABLE departures (
  target TEXT PRIMARY KEY,
  departed_at BIGINT NOT NULL
);
