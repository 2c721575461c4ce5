-- Up Migration

-- Numbers of networks that somebody has chosen for a cell that is not recorded yet. A recorded cell has its number in its address.
CREATE TABLE control.network_numbers (
  number int PRIMARY KEY CHECK (number BETWEEN 60 AND 255),
  cell text NOT NULL UNIQUE,
  reserved_at timestamptz NOT NULL DEFAULT now()
);

-- Down Migration
DROP TABLE control.network_numbers;
