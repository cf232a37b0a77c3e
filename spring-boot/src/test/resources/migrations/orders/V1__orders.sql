CREATE TABLE orders (user_id bigint, order_id bigint, note text, PRIMARY KEY (user_id, order_id));
