CREATE TABLE products (
	sku          TEXT PRIMARY KEY,
	name         TEXT NOT NULL,
	description  TEXT NOT NULL DEFAULT '',
	category     TEXT NOT NULL,
	tax_category TEXT NOT NULL DEFAULT 'standard',
	grams        INTEGER NOT NULL DEFAULT 0,
	active       INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE stock (
	sku        TEXT PRIMARY KEY REFERENCES products(sku),
	on_hand    INTEGER NOT NULL CHECK (on_hand >= 0),
	reserved   INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
	updated_at INTEGER NOT NULL
);

CREATE TABLE customers (
	id         INTEGER PRIMARY KEY,
	email      TEXT NOT NULL UNIQUE,
	name       TEXT NOT NULL,
	country    TEXT NOT NULL,
	created_at INTEGER NOT NULL
);

CREATE TABLE orders (
	id          INTEGER PRIMARY KEY,
	customer_id INTEGER REFERENCES customers(id),
	email       TEXT NOT NULL,
	status      TEXT NOT NULL,
	country     TEXT NOT NULL,
	service     TEXT NOT NULL,
	subtotal    INTEGER NOT NULL,
	shipping    INTEGER NOT NULL,
	tax         INTEGER NOT NULL,
	total       INTEGER NOT NULL,
	created_at  INTEGER NOT NULL,
	updated_at  INTEGER NOT NULL
);

CREATE TABLE order_lines (
	order_id INTEGER NOT NULL REFERENCES orders(id),
	line     INTEGER NOT NULL,
	sku      TEXT NOT NULL,
	name     TEXT NOT NULL,
	qty      INTEGER NOT NULL,
	unit     INTEGER NOT NULL,
	discount INTEGER NOT NULL,
	total    INTEGER NOT NULL,
	PRIMARY KEY (order_id, line)
);

CREATE TABLE payments (
	id         INTEGER PRIMARY KEY,
	order_id   INTEGER NOT NULL REFERENCES orders(id),
	provider   TEXT NOT NULL,
	reference  TEXT NOT NULL,
	amount     INTEGER NOT NULL,
	status     TEXT NOT NULL,
	created_at INTEGER NOT NULL
);
