ALTER TABLE orders ADD CONSTRAINT note_once UNIQUE (note);
