CREATE TABLE movements (
	id       INTEGER PRIMARY KEY,
	sku      TEXT NOT NULL REFERENCES stock(sku),
	delta    INTEGER NOT NULL,
	reason   TEXT NOT NULL,
	order_id INTEGER,
	at       INTEGER NOT NULL
);

CREATE TABLE outbox (
	id         INTEGER PRIMARY KEY,
	recipient  TEXT NOT NULL,
	subject    TEXT NOT NULL,
	body       TEXT NOT NULL,
	created_at INTEGER NOT NULL
);

CREATE INDEX orders_by_customer ON orders(customer_id);
CREATE INDEX movements_by_sku ON movements(sku);
