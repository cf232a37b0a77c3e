CREATE TABLE entry (user_id bigint, text varchar(50), PRIMARY KEY (user_id, text));
