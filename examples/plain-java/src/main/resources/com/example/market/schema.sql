CREATE TABLE stall (
  stall_id bigint PRIMARY KEY,
  name text NOT NULL,
  stock integer NOT NULL
);
CREATE TABLE orders (
  stall_id bigint NOT NULL REFERENCES stall,
  order_id bigint GENERATED ALWAYS AS IDENTITY,
  buyer text NOT NULL,
  placed timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stall_id, order_id)
);
CREATE INDEX orders_by_time ON orders (placed);
CREATE VIEW stall_page AS SELECT stall_id, name, stock FROM stall;
