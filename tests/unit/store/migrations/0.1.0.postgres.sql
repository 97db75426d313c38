-- A database as version 0.1.0 made it, before there were migrations; three rows in every table.
CREATE TABLE IF NOT EXISTS "config_version" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(32) NOT NULL,
    "key" VARCHAR(100) NOT NULL,
    "version" INT NOT NULL,
    "yaml" TEXT NOT NULL,
    "published_at" BIGINT NOT NULL,
    "author" VARCHAR(320) NOT NULL,
    CONSTRAINT "uid_config_vers_kind_5364f1" UNIQUE ("kind", "key", "version")
);
CREATE TABLE IF NOT EXISTS "connection" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "connector" VARCHAR(64) NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "source_id" INT NOT NULL,
    "config" JSONB NOT NULL,
    "secret" TEXT NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "progress" JSONB NOT NULL,
    "last_error" TEXT NOT NULL,
    "last_sync_at" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "consent" (
    "seq" BIGINT NOT NULL PRIMARY KEY,
    "node_id" BIGINT NOT NULL,
    "purpose" VARCHAR(32) NOT NULL,
    "channel" VARCHAR(16) NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "basis" VARCHAR(16) NOT NULL,
    "text_version" VARCHAR(64) NOT NULL,
    "source" VARCHAR(64) NOT NULL,
    "at" BIGINT NOT NULL,
    "proof" TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_consent_node_id_f26a4f" ON "consent" ("node_id");
CREATE TABLE IF NOT EXISTS "cursor" (
    "name" VARCHAR(32) NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "decision" (
    "id" VARCHAR(32) NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "node_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "record" JSONB NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_decision_at_5f3fc4" ON "decision" ("at");
CREATE INDEX IF NOT EXISTS "idx_decision_node_id_ffd591" ON "decision" ("node_id");
CREATE TABLE IF NOT EXISTS "dedupe" (
    "key" BYTEA NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "body_hash" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "draft" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(32) NOT NULL,
    "key" VARCHAR(100) NOT NULL,
    "yaml" TEXT NOT NULL,
    "base_version" INT NOT NULL,
    "updated_at" BIGINT NOT NULL,
    "author" VARCHAR(320) NOT NULL,
    CONSTRAINT "uid_draft_kind_7b2b3f" UNIQUE ("kind", "key")
);
CREATE TABLE IF NOT EXISTS "import_run" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "position" BIGINT NOT NULL,
    "done" BOOL NOT NULL,
    "report" JSONB NOT NULL,
    "updated_at" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "intake_count" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "day" INT NOT NULL,
    "source_id" INT NOT NULL,
    "outcome" VARCHAR(12) NOT NULL,
    "reason" VARCHAR(64) NOT NULL,
    "n" BIGINT NOT NULL,
    CONSTRAINT "uid_intake_coun_day_a9bbb0" UNIQUE ("day", "source_id", "outcome", "reason")
);
CREATE TABLE IF NOT EXISTS "link" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "a" BIGINT NOT NULL,
    "b" BIGINT NOT NULL,
    "strength" VARCHAR(10) NOT NULL,
    "verdict" VARCHAR(12) NOT NULL,
    "reason" VARCHAR(100) NOT NULL,
    "seq" BIGINT NOT NULL,
    CONSTRAINT "uid_link_a_7fc893" UNIQUE ("a", "b", "strength")
);
CREATE INDEX IF NOT EXISTS "idx_link_a_c0e8bc" ON "link" ("a");
CREATE INDEX IF NOT EXISTS "idx_link_b_b6e796" ON "link" ("b");
CREATE TABLE IF NOT EXISTS "log" (
    "seq" BIGINT NOT NULL PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "node_id" BIGINT,
    "links" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "received_at" BIGINT NOT NULL,
    "source_id" INT NOT NULL,
    "body" JSONB NOT NULL
);
CREATE INDEX IF NOT EXISTS "log_node_at" ON "log" ("node_id", "at");
CREATE TABLE IF NOT EXISTS "login_attempt" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "key" VARCHAR(64) NOT NULL,
    "at" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_login_attem_key_5df3f8" ON "login_attempt" ("key");
CREATE TABLE IF NOT EXISTS "node" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "namespace" VARCHAR(64) NOT NULL,
    "type" VARCHAR(32) NOT NULL,
    "value" VARCHAR(512) NOT NULL,
    CONSTRAINT "uid_node_namespa_3f7f19" UNIQUE ("namespace", "type", "value")
);
CREATE TABLE IF NOT EXISTS "node_person" (
    "node_id" BIGINT NOT NULL PRIMARY KEY,
    "core_id" BIGINT NOT NULL,
    "person_id" BIGINT NOT NULL,
    "trusted" BOOL NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_node_person_person__5752ac" ON "node_person" ("person_id");
CREATE TABLE IF NOT EXISTS "node_state" (
    "node_id" BIGINT NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "state" JSONB NOT NULL
);
CREATE TABLE IF NOT EXISTS "order_event" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "order_pk" BIGINT NOT NULL,
    "name" VARCHAR(32) NOT NULL,
    "ref" VARCHAR(128) NOT NULL,
    "node_id" BIGINT,
    "at" BIGINT NOT NULL,
    "provisional" BOOL NOT NULL,
    "properties" JSONB NOT NULL,
    CONSTRAINT "uid_order_event_order_p_708ac3" UNIQUE ("order_pk", "name", "ref")
);
CREATE INDEX IF NOT EXISTS "order_event_node_at" ON "order_event" ("node_id", "at");
CREATE TABLE IF NOT EXISTS "order_line" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "order_pk" BIGINT NOT NULL,
    "position" INT NOT NULL,
    "product_id" VARCHAR(128) NOT NULL,
    "variant_id" VARCHAR(128) NOT NULL,
    "sku" VARCHAR(128) NOT NULL,
    "title" VARCHAR(500) NOT NULL,
    "quantity" INT NOT NULL,
    "unit_price" VARCHAR(40) NOT NULL,
    "total" BIGINT NOT NULL,
    CONSTRAINT "uid_order_line_order_p_40a625" UNIQUE ("order_pk", "position")
);
CREATE TABLE IF NOT EXISTS "outbox" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "key" VARCHAR(200) NOT NULL UNIQUE,
    "channel" VARCHAR(16) NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "purpose" VARCHAR(32) NOT NULL,
    "node_id" BIGINT,
    "payload" JSONB NOT NULL,
    "state" VARCHAR(12) NOT NULL,
    "attempts" INT NOT NULL,
    "next_at" BIGINT NOT NULL,
    "lease_until" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "receipt" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_outbox_node_id_a09cca" ON "outbox" ("node_id");
CREATE INDEX IF NOT EXISTS "outbox_due" ON "outbox" ("state", "next_at");
CREATE TABLE IF NOT EXISTS "person" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "first_seen" BIGINT NOT NULL,
    "last_seen" BIGINT NOT NULL,
    "email" VARCHAR(320) NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "phone" VARCHAR(40) NOT NULL,
    "trusted" BOOL NOT NULL,
    "events" INT NOT NULL,
    "orders" INT NOT NULL,
    "search" TEXT NOT NULL,
    "traits" JSONB NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_person_last_se_929773" ON "person" ("last_seen");
CREATE INDEX IF NOT EXISTS "idx_person_email_81596b" ON "person" ("email");
CREATE TABLE IF NOT EXISTS "plugin_state" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "plugin" VARCHAR(100) NOT NULL,
    "key" VARCHAR(200) NOT NULL,
    "value" JSONB NOT NULL,
    CONSTRAINT "uid_plugin_stat_plugin_b34450" UNIQUE ("plugin", "key")
);
CREATE TABLE IF NOT EXISTS "product" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "shop" VARCHAR(64) NOT NULL,
    "product_id" VARCHAR(128) NOT NULL,
    "title" VARCHAR(500) NOT NULL,
    "price" BIGINT,
    "currency" VARCHAR(3) NOT NULL,
    "url" TEXT NOT NULL,
    "image_url" TEXT NOT NULL,
    "category" VARCHAR(200) NOT NULL,
    "stock" VARCHAR(8) NOT NULL,
    "price_at" BIGINT NOT NULL,
    "published" BOOL NOT NULL,
    "rank" SMALLINT NOT NULL,
    "updated_at" BIGINT NOT NULL,
    "data" JSONB NOT NULL,
    CONSTRAINT "uid_product_shop_3880ac" UNIQUE ("shop", "product_id")
);
CREATE TABLE IF NOT EXISTS "refusal" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL,
    "output" VARCHAR(100) NOT NULL,
    "purpose" VARCHAR(32) NOT NULL,
    "reason" VARCHAR(64) NOT NULL,
    "node_id" BIGINT
);
CREATE INDEX IF NOT EXISTS "idx_refusal_at_793408" ON "refusal" ("at");
CREATE TABLE IF NOT EXISTS "shop_order" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "shop" VARCHAR(64) NOT NULL,
    "order_id" VARCHAR(128) NOT NULL,
    "node_id" BIGINT,
    "status" VARCHAR(12) NOT NULL,
    "placed_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL,
    "currency" VARCHAR(3) NOT NULL,
    "total" BIGINT NOT NULL,
    "refunded" BIGINT NOT NULL,
    "provisional" BOOL NOT NULL,
    "rank" SMALLINT NOT NULL,
    "data" JSONB NOT NULL,
    CONSTRAINT "uid_shop_order_shop_f530fc" UNIQUE ("shop", "order_id")
);
CREATE INDEX IF NOT EXISTS "idx_shop_order_node_id_748868" ON "shop_order" ("node_id");
CREATE INDEX IF NOT EXISTS "idx_shop_order_placed__5982b0" ON "shop_order" ("placed_at");
CREATE TABLE IF NOT EXISTS "source" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "shop" VARCHAR(64) NOT NULL,
    "shop_url" VARCHAR(300) NOT NULL,
    "write_key" VARCHAR(64) NOT NULL UNIQUE,
    "browser_identify" VARCHAR(8) NOT NULL,
    "enabled" BOOL NOT NULL,
    "last_seen" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "staff" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "email" VARCHAR(320) NOT NULL UNIQUE,
    "name" VARCHAR(100) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "password_hash" VARCHAR(200) NOT NULL,
    "disabled" BOOL NOT NULL,
    "created_at" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "staff_session" (
    "token_hash" VARCHAR(64) NOT NULL PRIMARY KEY,
    "staff_id" INT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "used_at" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_staff_sessi_staff_i_7fa85a" ON "staff_session" ("staff_id");
CREATE TABLE IF NOT EXISTS "used_token" (
    "jti" VARCHAR(64) NOT NULL PRIMARY KEY,
    "at" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "workspace" (
    "id" INT NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL,
    "timezone" VARCHAR(64) NOT NULL,
    "currency" VARCHAR(3) NOT NULL,
    "locale" VARCHAR(12) NOT NULL,
    "pause_output" BOOL NOT NULL,
    "consent" JSONB NOT NULL
);
INSERT INTO "config_version" ("id", "kind", "key", "version", "yaml", "published_at", "author") VALUES (1, '1é	''\N', '1é	''\N', 1, '1é	''\N', 1, '1é	''\N');
INSERT INTO "config_version" ("id", "kind", "key", "version", "yaml", "published_at", "author") VALUES (2, '2é	''\N', '2é	''\N', 2, '2é	''\N', 2, '2é	''\N');
INSERT INTO "config_version" ("id", "kind", "key", "version", "yaml", "published_at", "author") VALUES (3, '3é	''\N', '3é	''\N', 3, '3é	''\N', 3, '3é	''\N');
INSERT INTO "connection" ("id", "connector", "name", "source_id", "config", "secret", "status", "progress", "last_error", "last_sync_at") VALUES (1, '1é	''\N', '1é	''\N', 1, '{"n": 1, "text": "é \" \\ config"}', '1é	''\N', '1é	''\N', '{"n": 1, "text": "é \" \\ progress"}', '1é	''\N', 1);
INSERT INTO "connection" ("id", "connector", "name", "source_id", "config", "secret", "status", "progress", "last_error", "last_sync_at") VALUES (2, '2é	''\N', '2é	''\N', 2, '{"n": 2, "text": "é \" \\ config"}', '2é	''\N', '2é	''\N', '{"n": 2, "text": "é \" \\ progress"}', '2é	''\N', 2);
INSERT INTO "connection" ("id", "connector", "name", "source_id", "config", "secret", "status", "progress", "last_error", "last_sync_at") VALUES (3, '3é	''\N', '3é	''\N', 3, '{"n": 3, "text": "é \" \\ config"}', '3é	''\N', '3é	''\N', '{"n": 3, "text": "é \" \\ progress"}', '3é	''\N', 3);
INSERT INTO "consent" ("seq", "node_id", "purpose", "channel", "state", "basis", "text_version", "source", "at", "proof") VALUES (1, 1, '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', 1, '1é	''\N');
INSERT INTO "consent" ("seq", "node_id", "purpose", "channel", "state", "basis", "text_version", "source", "at", "proof") VALUES (2, 2, '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', 2, '2é	''\N');
INSERT INTO "consent" ("seq", "node_id", "purpose", "channel", "state", "basis", "text_version", "source", "at", "proof") VALUES (3, 3, '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', 3, '3é	''\N');
INSERT INTO "cursor" ("name", "seq") VALUES ('1é	''\N', 1);
INSERT INTO "cursor" ("name", "seq") VALUES ('2é	''\N', 2);
INSERT INTO "cursor" ("name", "seq") VALUES ('3é	''\N', 3);
INSERT INTO "decision" ("id", "at", "node_id", "seq", "record") VALUES ('1é	''\N', 1, 1, 1, '{"n": 1, "text": "é \" \\ record"}');
INSERT INTO "decision" ("id", "at", "node_id", "seq", "record") VALUES ('2é	''\N', 2, 2, 2, '{"n": 2, "text": "é \" \\ record"}');
INSERT INTO "decision" ("id", "at", "node_id", "seq", "record") VALUES ('3é	''\N', 3, 3, 3, '{"n": 3, "text": "é \" \\ record"}');
INSERT INTO "dedupe" ("key", "seq", "body_hash") VALUES ('\x0000000000000000000000000000000000000000000001', 1, 1);
INSERT INTO "dedupe" ("key", "seq", "body_hash") VALUES ('\x0000000000000000000000000000000000000000000002', 2, 2);
INSERT INTO "dedupe" ("key", "seq", "body_hash") VALUES ('\x0000000000000000000000000000000000000000000003', 3, 3);
INSERT INTO "draft" ("id", "kind", "key", "yaml", "base_version", "updated_at", "author") VALUES (1, '1é	''\N', '1é	''\N', '1é	''\N', 1, 1, '1é	''\N');
INSERT INTO "draft" ("id", "kind", "key", "yaml", "base_version", "updated_at", "author") VALUES (2, '2é	''\N', '2é	''\N', '2é	''\N', 2, 2, '2é	''\N');
INSERT INTO "draft" ("id", "kind", "key", "yaml", "base_version", "updated_at", "author") VALUES (3, '3é	''\N', '3é	''\N', '3é	''\N', 3, 3, '3é	''\N');
INSERT INTO "import_run" ("id", "digest", "position", "done", "report", "updated_at") VALUES (1, '1é	''\N', 1, FALSE, '{"n": 1, "text": "é \" \\ report"}', 1);
INSERT INTO "import_run" ("id", "digest", "position", "done", "report", "updated_at") VALUES (2, '2é	''\N', 2, TRUE, '{"n": 2, "text": "é \" \\ report"}', 2);
INSERT INTO "import_run" ("id", "digest", "position", "done", "report", "updated_at") VALUES (3, '3é	''\N', 3, FALSE, '{"n": 3, "text": "é \" \\ report"}', 3);
INSERT INTO "intake_count" ("id", "day", "source_id", "outcome", "reason", "n") VALUES (1, 1, 1, '1é	''\N', '1é	''\N', 1);
INSERT INTO "intake_count" ("id", "day", "source_id", "outcome", "reason", "n") VALUES (2, 2, 2, '2é	''\N', '2é	''\N', 2);
INSERT INTO "intake_count" ("id", "day", "source_id", "outcome", "reason", "n") VALUES (3, 3, 3, '3é	''\N', '3é	''\N', 3);
INSERT INTO "link" ("id", "a", "b", "strength", "verdict", "reason", "seq") VALUES (1, 1, 1, '1é	''\N', '1é	''\N', '1é	''\N', 1);
INSERT INTO "link" ("id", "a", "b", "strength", "verdict", "reason", "seq") VALUES (2, 2, 2, '2é	''\N', '2é	''\N', '2é	''\N', 2);
INSERT INTO "link" ("id", "a", "b", "strength", "verdict", "reason", "seq") VALUES (3, 3, 3, '3é	''\N', '3é	''\N', '3é	''\N', 3);
INSERT INTO "log" ("seq", "kind", "name", "node_id", "links", "at", "received_at", "source_id", "body") VALUES (1, '1é	''\N', '1é	''\N', 1, '1é	''\N', 1, 1, 1, '{"n": 1, "text": "é \" \\ body"}');
INSERT INTO "log" ("seq", "kind", "name", "node_id", "links", "at", "received_at", "source_id", "body") VALUES (2, '2é	''\N', '2é	''\N', 2, '2é	''\N', 2, 2, 2, '{"n": 2, "text": "é \" \\ body"}');
INSERT INTO "log" ("seq", "kind", "name", "node_id", "links", "at", "received_at", "source_id", "body") VALUES (3, '3é	''\N', '3é	''\N', 3, '3é	''\N', 3, 3, 3, '{"n": 3, "text": "é \" \\ body"}');
INSERT INTO "login_attempt" ("id", "key", "at") VALUES (1, '1é	''\N', 1);
INSERT INTO "login_attempt" ("id", "key", "at") VALUES (2, '2é	''\N', 2);
INSERT INTO "login_attempt" ("id", "key", "at") VALUES (3, '3é	''\N', 3);
INSERT INTO "node" ("id", "namespace", "type", "value") VALUES (1, '1é	''\N', '1é	''\N', '1é	''\N');
INSERT INTO "node" ("id", "namespace", "type", "value") VALUES (2, '2é	''\N', '2é	''\N', '2é	''\N');
INSERT INTO "node" ("id", "namespace", "type", "value") VALUES (3, '3é	''\N', '3é	''\N', '3é	''\N');
INSERT INTO "node_person" ("node_id", "core_id", "person_id", "trusted") VALUES (1, 1, 1, FALSE);
INSERT INTO "node_person" ("node_id", "core_id", "person_id", "trusted") VALUES (2, 2, 2, TRUE);
INSERT INTO "node_person" ("node_id", "core_id", "person_id", "trusted") VALUES (3, 3, 3, FALSE);
INSERT INTO "node_state" ("node_id", "seq", "state") VALUES (1, 1, '{"n": 1, "text": "é \" \\ state"}');
INSERT INTO "node_state" ("node_id", "seq", "state") VALUES (2, 2, '{"n": 2, "text": "é \" \\ state"}');
INSERT INTO "node_state" ("node_id", "seq", "state") VALUES (3, 3, '{"n": 3, "text": "é \" \\ state"}');
INSERT INTO "order_event" ("id", "order_pk", "name", "ref", "node_id", "at", "provisional", "properties") VALUES (1, 1, '1é	''\N', '1é	''\N', 1, 1, FALSE, '{"n": 1, "text": "é \" \\ properties"}');
INSERT INTO "order_event" ("id", "order_pk", "name", "ref", "node_id", "at", "provisional", "properties") VALUES (2, 2, '2é	''\N', '2é	''\N', 2, 2, TRUE, '{"n": 2, "text": "é \" \\ properties"}');
INSERT INTO "order_event" ("id", "order_pk", "name", "ref", "node_id", "at", "provisional", "properties") VALUES (3, 3, '3é	''\N', '3é	''\N', 3, 3, FALSE, '{"n": 3, "text": "é \" \\ properties"}');
INSERT INTO "order_line" ("id", "order_pk", "position", "product_id", "variant_id", "sku", "title", "quantity", "unit_price", "total") VALUES (1, 1, 1, '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', 1, '1é	''\N', 1);
INSERT INTO "order_line" ("id", "order_pk", "position", "product_id", "variant_id", "sku", "title", "quantity", "unit_price", "total") VALUES (2, 2, 2, '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', 2, '2é	''\N', 2);
INSERT INTO "order_line" ("id", "order_pk", "position", "product_id", "variant_id", "sku", "title", "quantity", "unit_price", "total") VALUES (3, 3, 3, '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', 3, '3é	''\N', 3);
INSERT INTO "outbox" ("id", "key", "channel", "kind", "purpose", "node_id", "payload", "state", "attempts", "next_at", "lease_until", "reason", "receipt", "created_at", "updated_at") VALUES (1, '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', 1, '{"n": 1, "text": "é \" \\ payload"}', '1é	''\N', 1, 1, 1, '1é	''\N', '1é	''\N', 1, 1);
INSERT INTO "outbox" ("id", "key", "channel", "kind", "purpose", "node_id", "payload", "state", "attempts", "next_at", "lease_until", "reason", "receipt", "created_at", "updated_at") VALUES (2, '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', 2, '{"n": 2, "text": "é \" \\ payload"}', '2é	''\N', 2, 2, 2, '2é	''\N', '2é	''\N', 2, 2);
INSERT INTO "outbox" ("id", "key", "channel", "kind", "purpose", "node_id", "payload", "state", "attempts", "next_at", "lease_until", "reason", "receipt", "created_at", "updated_at") VALUES (3, '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', 3, '{"n": 3, "text": "é \" \\ payload"}', '3é	''\N', 3, 3, 3, '3é	''\N', '3é	''\N', 3, 3);
INSERT INTO "person" ("id", "first_seen", "last_seen", "email", "name", "phone", "trusted", "events", "orders", "search", "traits") VALUES (1, 1, 1, '1é	''\N', '1é	''\N', '1é	''\N', FALSE, 1, 1, '1é	''\N', '{"n": 1, "text": "é \" \\ traits"}');
INSERT INTO "person" ("id", "first_seen", "last_seen", "email", "name", "phone", "trusted", "events", "orders", "search", "traits") VALUES (2, 2, 2, '2é	''\N', '2é	''\N', '2é	''\N', TRUE, 2, 2, '2é	''\N', '{"n": 2, "text": "é \" \\ traits"}');
INSERT INTO "person" ("id", "first_seen", "last_seen", "email", "name", "phone", "trusted", "events", "orders", "search", "traits") VALUES (3, 3, 3, '3é	''\N', '3é	''\N', '3é	''\N', FALSE, 3, 3, '3é	''\N', '{"n": 3, "text": "é \" \\ traits"}');
INSERT INTO "plugin_state" ("id", "plugin", "key", "value") VALUES (1, '1é	''\N', '1é	''\N', '{"n": 1, "text": "é \" \\ value"}');
INSERT INTO "plugin_state" ("id", "plugin", "key", "value") VALUES (2, '2é	''\N', '2é	''\N', '{"n": 2, "text": "é \" \\ value"}');
INSERT INTO "plugin_state" ("id", "plugin", "key", "value") VALUES (3, '3é	''\N', '3é	''\N', '{"n": 3, "text": "é \" \\ value"}');
INSERT INTO "product" ("id", "shop", "product_id", "title", "price", "currency", "url", "image_url", "category", "stock", "price_at", "published", "rank", "updated_at", "data") VALUES (1, '1é	''\N', '1é	''\N', '1é	''\N', 1, '1é	', '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', 1, FALSE, 1, 1, '{"n": 1, "text": "é \" \\ data"}');
INSERT INTO "product" ("id", "shop", "product_id", "title", "price", "currency", "url", "image_url", "category", "stock", "price_at", "published", "rank", "updated_at", "data") VALUES (2, '2é	''\N', '2é	''\N', '2é	''\N', 2, '2é	', '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', 2, TRUE, 2, 2, '{"n": 2, "text": "é \" \\ data"}');
INSERT INTO "product" ("id", "shop", "product_id", "title", "price", "currency", "url", "image_url", "category", "stock", "price_at", "published", "rank", "updated_at", "data") VALUES (3, '3é	''\N', '3é	''\N', '3é	''\N', 3, '3é	', '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', 3, FALSE, 3, 3, '{"n": 3, "text": "é \" \\ data"}');
INSERT INTO "refusal" ("id", "at", "output", "purpose", "reason", "node_id") VALUES (1, 1, '1é	''\N', '1é	''\N', '1é	''\N', 1);
INSERT INTO "refusal" ("id", "at", "output", "purpose", "reason", "node_id") VALUES (2, 2, '2é	''\N', '2é	''\N', '2é	''\N', 2);
INSERT INTO "refusal" ("id", "at", "output", "purpose", "reason", "node_id") VALUES (3, 3, '3é	''\N', '3é	''\N', '3é	''\N', 3);
INSERT INTO "shop_order" ("id", "shop", "order_id", "node_id", "status", "placed_at", "updated_at", "currency", "total", "refunded", "provisional", "rank", "data") VALUES (1, '1é	''\N', '1é	''\N', 1, '1é	''\N', 1, 1, '1é	', 1, 1, FALSE, 1, '{"n": 1, "text": "é \" \\ data"}');
INSERT INTO "shop_order" ("id", "shop", "order_id", "node_id", "status", "placed_at", "updated_at", "currency", "total", "refunded", "provisional", "rank", "data") VALUES (2, '2é	''\N', '2é	''\N', 2, '2é	''\N', 2, 2, '2é	', 2, 2, TRUE, 2, '{"n": 2, "text": "é \" \\ data"}');
INSERT INTO "shop_order" ("id", "shop", "order_id", "node_id", "status", "placed_at", "updated_at", "currency", "total", "refunded", "provisional", "rank", "data") VALUES (3, '3é	''\N', '3é	''\N', 3, '3é	''\N', 3, 3, '3é	', 3, 3, FALSE, 3, '{"n": 3, "text": "é \" \\ data"}');
INSERT INTO "source" ("id", "name", "kind", "shop", "shop_url", "write_key", "browser_identify", "enabled", "last_seen") VALUES (1, '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', FALSE, 1);
INSERT INTO "source" ("id", "name", "kind", "shop", "shop_url", "write_key", "browser_identify", "enabled", "last_seen") VALUES (2, '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', TRUE, 2);
INSERT INTO "source" ("id", "name", "kind", "shop", "shop_url", "write_key", "browser_identify", "enabled", "last_seen") VALUES (3, '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', FALSE, 3);
INSERT INTO "staff" ("id", "email", "name", "role", "password_hash", "disabled", "created_at") VALUES (1, '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', FALSE, 1);
INSERT INTO "staff" ("id", "email", "name", "role", "password_hash", "disabled", "created_at") VALUES (2, '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', TRUE, 2);
INSERT INTO "staff" ("id", "email", "name", "role", "password_hash", "disabled", "created_at") VALUES (3, '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', FALSE, 3);
INSERT INTO "staff_session" ("token_hash", "staff_id", "created_at", "used_at") VALUES ('1é	''\N', 1, 1, 1);
INSERT INTO "staff_session" ("token_hash", "staff_id", "created_at", "used_at") VALUES ('2é	''\N', 2, 2, 2);
INSERT INTO "staff_session" ("token_hash", "staff_id", "created_at", "used_at") VALUES ('3é	''\N', 3, 3, 3);
INSERT INTO "used_token" ("jti", "at") VALUES ('1é	''\N', 1);
INSERT INTO "used_token" ("jti", "at") VALUES ('2é	''\N', 2);
INSERT INTO "used_token" ("jti", "at") VALUES ('3é	''\N', 3);
INSERT INTO "workspace" ("id", "name", "timezone", "currency", "locale", "pause_output", "consent") VALUES (1, '1é	''\N', '1é	''\N', '1é	', '1é	''\N', FALSE, '{"n": 1, "text": "é \" \\ consent"}');
INSERT INTO "workspace" ("id", "name", "timezone", "currency", "locale", "pause_output", "consent") VALUES (2, '2é	''\N', '2é	''\N', '2é	', '2é	''\N', TRUE, '{"n": 2, "text": "é \" \\ consent"}');
INSERT INTO "workspace" ("id", "name", "timezone", "currency", "locale", "pause_output", "consent") VALUES (3, '3é	''\N', '3é	''\N', '3é	', '3é	''\N', FALSE, '{"n": 3, "text": "é \" \\ consent"}');
