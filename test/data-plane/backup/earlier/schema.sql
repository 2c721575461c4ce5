-- The tables of an application, as they were when the archives beside this file were made.
CREATE SCHEMA shop;
CREATE TYPE shop.colour AS ENUM ('red', 'green');
CREATE TABLE shop.orders (
  clinic_id uuid NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, parent bigint, number integer NOT NULL, note varchar(40),
  price numeric(8, 2), colour shop.colour, tags text[], payload jsonb, raw bytea, lasts interval, day date, discount text,
  updated_at timestamptz, PRIMARY KEY (clinic_id, id), UNIQUE (clinic_id, number),
  FOREIGN KEY (clinic_id, parent) REFERENCES shop.orders (clinic_id, id));
CREATE TABLE shop."order" (
  clinic_id uuid NOT NULL, id uuid NOT NULL, order_id bigint NOT NULL, pieces smallint NOT NULL,
  PRIMARY KEY (clinic_id, id), FOREIGN KEY (clinic_id, order_id) REFERENCES shop.orders (clinic_id, id));
CREATE TABLE shop.coupons (clinic_id uuid NOT NULL, code text NOT NULL, PRIMARY KEY (clinic_id, code));
ALTER SCHEMA shop OWNER TO ringfence_owner;
SELECT ringfence.protect('shop.orders');
SELECT ringfence.protect('shop."order"');
SELECT ringfence.protect('shop.coupons');
