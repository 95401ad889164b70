-- An installation that is being moved into this database: how far each table has come, so that it goes on where it was
-- cut off. Until all of them are finished nobody may serve what is here.

CREATE TABLE moves (
  table_name TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  last_key BYTEA NOT NULL,
  row_count BIGINT NOT NULL,
  copied_at BIGINT,
  finished_at BIGINT
);
