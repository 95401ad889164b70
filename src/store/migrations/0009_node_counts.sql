-- Nodes that share a database limit a client by what all of them have let through: each tells the others here, once a
-- second, what it has counted. Belongs to no organization; rows are of use for a minute.

CREATE TABLE node_counts (
  node_id UUID NOT NULL,
  sequence BIGINT NOT NULL,
  counts BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, sequence)
);

CREATE INDEX node_counts_created_at ON node_counts (created_at, node_id, sequence);
