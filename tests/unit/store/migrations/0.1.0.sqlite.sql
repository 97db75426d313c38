-- A database as version 0.1.0 made it, before there were migrations; three rows in every table.
CREATE TABLE IF NOT EXISTS "config_version" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "key" VARCHAR(100) NOT NULL,
    "version" INT NOT NULL,
    "yaml" TEXT NOT NULL,
    "published_at" BIGINT NOT NULL,
    "author" VARCHAR(320) NOT NULL,
    CONSTRAINT "uid_config_vers_kind_5364f1" UNIQUE ("kind", "key", "version")
);
CREATE TABLE IF NOT EXISTS "connection" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "connector" VARCHAR(64) NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "source_id" INT NOT NULL,
    "config" JSON NOT NULL,
    "secret" TEXT NOT NULL,
    "status" VARCHAR(16) NOT NULL,
    "progress" JSON NOT NULL,
    "last_error" TEXT NOT NULL,
    "last_sync_at" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "consent" (
    "seq" INTEGER NOT NULL PRIMARY KEY,
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
    "record" JSON NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_decision_at_5f3fc4" ON "decision" ("at");
CREATE INDEX IF NOT EXISTS "idx_decision_node_id_ffd591" ON "decision" ("node_id");
CREATE TABLE IF NOT EXISTS "dedupe" (
    "key" BLOB NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "body_hash" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "draft" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "key" VARCHAR(100) NOT NULL,
    "yaml" TEXT NOT NULL,
    "base_version" INT NOT NULL,
    "updated_at" BIGINT NOT NULL,
    "author" VARCHAR(320) NOT NULL,
    CONSTRAINT "uid_draft_kind_7b2b3f" UNIQUE ("kind", "key")
);
CREATE TABLE IF NOT EXISTS "import_run" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "position" BIGINT NOT NULL,
    "done" INT NOT NULL,
    "report" JSON NOT NULL,
    "updated_at" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "intake_count" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "day" INT NOT NULL,
    "source_id" INT NOT NULL,
    "outcome" VARCHAR(12) NOT NULL,
    "reason" VARCHAR(64) NOT NULL,
    "n" BIGINT NOT NULL,
    CONSTRAINT "uid_intake_coun_day_a9bbb0" UNIQUE ("day", "source_id", "outcome", "reason")
);
CREATE TABLE IF NOT EXISTS "link" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
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
    "seq" INTEGER NOT NULL PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "node_id" BIGINT,
    "links" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "received_at" BIGINT NOT NULL,
    "source_id" INT NOT NULL,
    "body" JSON NOT NULL
);
CREATE INDEX IF NOT EXISTS "log_node_at" ON "log" ("node_id", "at");
CREATE TABLE IF NOT EXISTS "login_attempt" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    "at" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_login_attem_key_5df3f8" ON "login_attempt" ("key");
CREATE TABLE IF NOT EXISTS "node" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "namespace" VARCHAR(64) NOT NULL,
    "type" VARCHAR(32) NOT NULL,
    "value" VARCHAR(512) NOT NULL,
    CONSTRAINT "uid_node_namespa_3f7f19" UNIQUE ("namespace", "type", "value")
);
CREATE TABLE IF NOT EXISTS "node_person" (
    "node_id" INTEGER NOT NULL PRIMARY KEY,
    "core_id" BIGINT NOT NULL,
    "person_id" BIGINT NOT NULL,
    "trusted" INT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_node_person_person__5752ac" ON "node_person" ("person_id");
CREATE TABLE IF NOT EXISTS "node_state" (
    "node_id" INTEGER NOT NULL PRIMARY KEY,
    "seq" BIGINT NOT NULL,
    "state" JSON NOT NULL
);
CREATE TABLE IF NOT EXISTS "order_event" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "order_pk" BIGINT NOT NULL,
    "name" VARCHAR(32) NOT NULL,
    "ref" VARCHAR(128) NOT NULL,
    "node_id" BIGINT,
    "at" BIGINT NOT NULL,
    "provisional" INT NOT NULL,
    "properties" JSON NOT NULL,
    CONSTRAINT "uid_order_event_order_p_708ac3" UNIQUE ("order_pk", "name", "ref")
);
CREATE INDEX IF NOT EXISTS "order_event_node_at" ON "order_event" ("node_id", "at");
CREATE TABLE IF NOT EXISTS "order_line" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
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
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "key" VARCHAR(200) NOT NULL UNIQUE,
    "channel" VARCHAR(16) NOT NULL,
    "kind" VARCHAR(32) NOT NULL,
    "purpose" VARCHAR(32) NOT NULL,
    "node_id" BIGINT,
    "payload" JSON NOT NULL,
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
    "id" INTEGER NOT NULL PRIMARY KEY,
    "first_seen" BIGINT NOT NULL,
    "last_seen" BIGINT NOT NULL,
    "email" VARCHAR(320) NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "phone" VARCHAR(40) NOT NULL,
    "trusted" INT NOT NULL,
    "events" INT NOT NULL,
    "orders" INT NOT NULL,
    "search" TEXT NOT NULL,
    "traits" JSON NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_person_last_se_929773" ON "person" ("last_seen");
CREATE INDEX IF NOT EXISTS "idx_person_email_81596b" ON "person" ("email");
CREATE TABLE IF NOT EXISTS "plugin_state" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "plugin" VARCHAR(100) NOT NULL,
    "key" VARCHAR(200) NOT NULL,
    "value" JSON NOT NULL,
    CONSTRAINT "uid_plugin_stat_plugin_b34450" UNIQUE ("plugin", "key")
);
CREATE TABLE IF NOT EXISTS "product" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
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
    "published" INT NOT NULL,
    "rank" SMALLINT NOT NULL,
    "updated_at" BIGINT NOT NULL,
    "data" JSON NOT NULL,
    CONSTRAINT "uid_product_shop_3880ac" UNIQUE ("shop", "product_id")
);
CREATE TABLE IF NOT EXISTS "refusal" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "at" BIGINT NOT NULL,
    "output" VARCHAR(100) NOT NULL,
    "purpose" VARCHAR(32) NOT NULL,
    "reason" VARCHAR(64) NOT NULL,
    "node_id" BIGINT
);
CREATE INDEX IF NOT EXISTS "idx_refusal_at_793408" ON "refusal" ("at");
CREATE TABLE IF NOT EXISTS "shop_order" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "shop" VARCHAR(64) NOT NULL,
    "order_id" VARCHAR(128) NOT NULL,
    "node_id" BIGINT,
    "status" VARCHAR(12) NOT NULL,
    "placed_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL,
    "currency" VARCHAR(3) NOT NULL,
    "total" BIGINT NOT NULL,
    "refunded" BIGINT NOT NULL,
    "provisional" INT NOT NULL,
    "rank" SMALLINT NOT NULL,
    "data" JSON NOT NULL,
    CONSTRAINT "uid_shop_order_shop_f530fc" UNIQUE ("shop", "order_id")
);
CREATE INDEX IF NOT EXISTS "idx_shop_order_node_id_748868" ON "shop_order" ("node_id");
CREATE INDEX IF NOT EXISTS "idx_shop_order_placed__5982b0" ON "shop_order" ("placed_at");
CREATE TABLE IF NOT EXISTS "source" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "shop" VARCHAR(64) NOT NULL,
    "shop_url" VARCHAR(300) NOT NULL,
    "write_key" VARCHAR(64) NOT NULL UNIQUE,
    "browser_identify" VARCHAR(8) NOT NULL,
    "enabled" INT NOT NULL,
    "last_seen" BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS "staff" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "email" VARCHAR(320) NOT NULL UNIQUE,
    "name" VARCHAR(100) NOT NULL,
    "role" VARCHAR(16) NOT NULL,
    "password_hash" VARCHAR(200) NOT NULL,
    "disabled" INT NOT NULL,
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
    "pause_output" INT NOT NULL,
    "consent" JSON NOT NULL
);
INSERT INTO "config_version" ("author", "id", "key", "kind", "published_at", "version", "yaml") VALUES ('1é	''\N', 1, '1é	''\N', '1é	''\N', 1, 1, '1é	''\N');
INSERT INTO "config_version" ("author", "id", "key", "kind", "published_at", "version", "yaml") VALUES ('2é	''\N', 2, '2é	''\N', '2é	''\N', 2, 2, '2é	''\N');
INSERT INTO "config_version" ("author", "id", "key", "kind", "published_at", "version", "yaml") VALUES ('3é	''\N', 3, '3é	''\N', '3é	''\N', 3, 3, '3é	''\N');
INSERT INTO "connection" ("config", "connector", "id", "last_error", "last_sync_at", "name", "progress", "secret", "source_id", "status") VALUES ('{"n": 1, "text": "é \" \\ config"}', '1é	''\N', 1, '1é	''\N', 1, '1é	''\N', '{"n": 1, "text": "é \" \\ progress"}', '1é	''\N', 1, '1é	''\N');
INSERT INTO "connection" ("config", "connector", "id", "last_error", "last_sync_at", "name", "progress", "secret", "source_id", "status") VALUES ('{"n": 2, "text": "é \" \\ config"}', '2é	''\N', 2, '2é	''\N', 2, '2é	''\N', '{"n": 2, "text": "é \" \\ progress"}', '2é	''\N', 2, '2é	''\N');
INSERT INTO "connection" ("config", "connector", "id", "last_error", "last_sync_at", "name", "progress", "secret", "source_id", "status") VALUES ('{"n": 3, "text": "é \" \\ config"}', '3é	''\N', 3, '3é	''\N', 3, '3é	''\N', '{"n": 3, "text": "é \" \\ progress"}', '3é	''\N', 3, '3é	''\N');
INSERT INTO "consent" ("at", "basis", "channel", "node_id", "proof", "purpose", "seq", "source", "state", "text_version") VALUES (1, '1é	''\N', '1é	''\N', 1, '1é	''\N', '1é	''\N', 1, '1é	''\N', '1é	''\N', '1é	''\N');
INSERT INTO "consent" ("at", "basis", "channel", "node_id", "proof", "purpose", "seq", "source", "state", "text_version") VALUES (2, '2é	''\N', '2é	''\N', 2, '2é	''\N', '2é	''\N', 2, '2é	''\N', '2é	''\N', '2é	''\N');
INSERT INTO "consent" ("at", "basis", "channel", "node_id", "proof", "purpose", "seq", "source", "state", "text_version") VALUES (3, '3é	''\N', '3é	''\N', 3, '3é	''\N', '3é	''\N', 3, '3é	''\N', '3é	''\N', '3é	''\N');
INSERT INTO "cursor" ("name", "seq") VALUES ('1é	''\N', 1);
INSERT INTO "cursor" ("name", "seq") VALUES ('2é	''\N', 2);
INSERT INTO "cursor" ("name", "seq") VALUES ('3é	''\N', 3);
INSERT INTO "decision" ("at", "id", "node_id", "record", "seq") VALUES (1, '1é	''\N', 1, '{"n": 1, "text": "é \" \\ record"}', 1);
INSERT INTO "decision" ("at", "id", "node_id", "record", "seq") VALUES (2, '2é	''\N', 2, '{"n": 2, "text": "é \" \\ record"}', 2);
INSERT INTO "decision" ("at", "id", "node_id", "record", "seq") VALUES (3, '3é	''\N', 3, '{"n": 3, "text": "é \" \\ record"}', 3);
INSERT INTO "dedupe" ("body_hash", "key", "seq") VALUES (1, X'0000000000000000000000000000000000000000000001', 1);
INSERT INTO "dedupe" ("body_hash", "key", "seq") VALUES (2, X'0000000000000000000000000000000000000000000002', 2);
INSERT INTO "dedupe" ("body_hash", "key", "seq") VALUES (3, X'0000000000000000000000000000000000000000000003', 3);
INSERT INTO "draft" ("author", "base_version", "id", "key", "kind", "updated_at", "yaml") VALUES ('1é	''\N', 1, 1, '1é	''\N', '1é	''\N', 1, '1é	''\N');
INSERT INTO "draft" ("author", "base_version", "id", "key", "kind", "updated_at", "yaml") VALUES ('2é	''\N', 2, 2, '2é	''\N', '2é	''\N', 2, '2é	''\N');
INSERT INTO "draft" ("author", "base_version", "id", "key", "kind", "updated_at", "yaml") VALUES ('3é	''\N', 3, 3, '3é	''\N', '3é	''\N', 3, '3é	''\N');
INSERT INTO "import_run" ("digest", "done", "id", "position", "report", "updated_at") VALUES ('1é	''\N', 1, 1, 1, '{"n": 1, "text": "é \" \\ report"}', 1);
INSERT INTO "import_run" ("digest", "done", "id", "position", "report", "updated_at") VALUES ('2é	''\N', 2, 2, 2, '{"n": 2, "text": "é \" \\ report"}', 2);
INSERT INTO "import_run" ("digest", "done", "id", "position", "report", "updated_at") VALUES ('3é	''\N', 3, 3, 3, '{"n": 3, "text": "é \" \\ report"}', 3);
INSERT INTO "intake_count" ("day", "id", "n", "outcome", "reason", "source_id") VALUES (1, 1, 1, '1é	''\N', '1é	''\N', 1);
INSERT INTO "intake_count" ("day", "id", "n", "outcome", "reason", "source_id") VALUES (2, 2, 2, '2é	''\N', '2é	''\N', 2);
INSERT INTO "intake_count" ("day", "id", "n", "outcome", "reason", "source_id") VALUES (3, 3, 3, '3é	''\N', '3é	''\N', 3);
INSERT INTO "link" ("a", "b", "id", "reason", "seq", "strength", "verdict") VALUES (1, 1, 1, '1é	''\N', 1, '1é	''\N', '1é	''\N');
INSERT INTO "link" ("a", "b", "id", "reason", "seq", "strength", "verdict") VALUES (2, 2, 2, '2é	''\N', 2, '2é	''\N', '2é	''\N');
INSERT INTO "link" ("a", "b", "id", "reason", "seq", "strength", "verdict") VALUES (3, 3, 3, '3é	''\N', 3, '3é	''\N', '3é	''\N');
INSERT INTO "log" ("at", "body", "kind", "links", "name", "node_id", "received_at", "seq", "source_id") VALUES (1, '{"n": 1, "text": "é \" \\ body"}', '1é	''\N', '1é	''\N', '1é	''\N', 1, 1, 1, 1);
INSERT INTO "log" ("at", "body", "kind", "links", "name", "node_id", "received_at", "seq", "source_id") VALUES (2, '{"n": 2, "text": "é \" \\ body"}', '2é	''\N', '2é	''\N', '2é	''\N', 2, 2, 2, 2);
INSERT INTO "log" ("at", "body", "kind", "links", "name", "node_id", "received_at", "seq", "source_id") VALUES (3, '{"n": 3, "text": "é \" \\ body"}', '3é	''\N', '3é	''\N', '3é	''\N', 3, 3, 3, 3);
INSERT INTO "login_attempt" ("at", "id", "key") VALUES (1, 1, '1é	''\N');
INSERT INTO "login_attempt" ("at", "id", "key") VALUES (2, 2, '2é	''\N');
INSERT INTO "login_attempt" ("at", "id", "key") VALUES (3, 3, '3é	''\N');
INSERT INTO "node" ("id", "namespace", "type", "value") VALUES (1, '1é	''\N', '1é	''\N', '1é	''\N');
INSERT INTO "node" ("id", "namespace", "type", "value") VALUES (2, '2é	''\N', '2é	''\N', '2é	''\N');
INSERT INTO "node" ("id", "namespace", "type", "value") VALUES (3, '3é	''\N', '3é	''\N', '3é	''\N');
INSERT INTO "node_person" ("core_id", "node_id", "person_id", "trusted") VALUES (1, 1, 1, 1);
INSERT INTO "node_person" ("core_id", "node_id", "person_id", "trusted") VALUES (2, 2, 2, 2);
INSERT INTO "node_person" ("core_id", "node_id", "person_id", "trusted") VALUES (3, 3, 3, 3);
INSERT INTO "node_state" ("node_id", "seq", "state") VALUES (1, 1, '{"n": 1, "text": "é \" \\ state"}');
INSERT INTO "node_state" ("node_id", "seq", "state") VALUES (2, 2, '{"n": 2, "text": "é \" \\ state"}');
INSERT INTO "node_state" ("node_id", "seq", "state") VALUES (3, 3, '{"n": 3, "text": "é \" \\ state"}');
INSERT INTO "order_event" ("at", "id", "name", "node_id", "order_pk", "properties", "provisional", "ref") VALUES (1, 1, '1é	''\N', 1, 1, '{"n": 1, "text": "é \" \\ properties"}', 1, '1é	''\N');
INSERT INTO "order_event" ("at", "id", "name", "node_id", "order_pk", "properties", "provisional", "ref") VALUES (2, 2, '2é	''\N', 2, 2, '{"n": 2, "text": "é \" \\ properties"}', 2, '2é	''\N');
INSERT INTO "order_event" ("at", "id", "name", "node_id", "order_pk", "properties", "provisional", "ref") VALUES (3, 3, '3é	''\N', 3, 3, '{"n": 3, "text": "é \" \\ properties"}', 3, '3é	''\N');
INSERT INTO "order_line" ("id", "order_pk", "position", "product_id", "quantity", "sku", "title", "total", "unit_price", "variant_id") VALUES (1, 1, 1, '1é	''\N', 1, '1é	''\N', '1é	''\N', 1, '1é	''\N', '1é	''\N');
INSERT INTO "order_line" ("id", "order_pk", "position", "product_id", "quantity", "sku", "title", "total", "unit_price", "variant_id") VALUES (2, 2, 2, '2é	''\N', 2, '2é	''\N', '2é	''\N', 2, '2é	''\N', '2é	''\N');
INSERT INTO "order_line" ("id", "order_pk", "position", "product_id", "quantity", "sku", "title", "total", "unit_price", "variant_id") VALUES (3, 3, 3, '3é	''\N', 3, '3é	''\N', '3é	''\N', 3, '3é	''\N', '3é	''\N');
INSERT INTO "outbox" ("attempts", "channel", "created_at", "id", "key", "kind", "lease_until", "next_at", "node_id", "payload", "purpose", "reason", "receipt", "state", "updated_at") VALUES (1, '1é	''\N', 1, 1, '1é	''\N', '1é	''\N', 1, 1, 1, '{"n": 1, "text": "é \" \\ payload"}', '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N', 1);
INSERT INTO "outbox" ("attempts", "channel", "created_at", "id", "key", "kind", "lease_until", "next_at", "node_id", "payload", "purpose", "reason", "receipt", "state", "updated_at") VALUES (2, '2é	''\N', 2, 2, '2é	''\N', '2é	''\N', 2, 2, 2, '{"n": 2, "text": "é \" \\ payload"}', '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N', 2);
INSERT INTO "outbox" ("attempts", "channel", "created_at", "id", "key", "kind", "lease_until", "next_at", "node_id", "payload", "purpose", "reason", "receipt", "state", "updated_at") VALUES (3, '3é	''\N', 3, 3, '3é	''\N', '3é	''\N', 3, 3, 3, '{"n": 3, "text": "é \" \\ payload"}', '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N', 3);
INSERT INTO "person" ("email", "events", "first_seen", "id", "last_seen", "name", "orders", "phone", "search", "traits", "trusted") VALUES ('1é	''\N', 1, 1, 1, 1, '1é	''\N', 1, '1é	''\N', '1é	''\N', '{"n": 1, "text": "é \" \\ traits"}', 1);
INSERT INTO "person" ("email", "events", "first_seen", "id", "last_seen", "name", "orders", "phone", "search", "traits", "trusted") VALUES ('2é	''\N', 2, 2, 2, 2, '2é	''\N', 2, '2é	''\N', '2é	''\N', '{"n": 2, "text": "é \" \\ traits"}', 2);
INSERT INTO "person" ("email", "events", "first_seen", "id", "last_seen", "name", "orders", "phone", "search", "traits", "trusted") VALUES ('3é	''\N', 3, 3, 3, 3, '3é	''\N', 3, '3é	''\N', '3é	''\N', '{"n": 3, "text": "é \" \\ traits"}', 3);
INSERT INTO "plugin_state" ("id", "key", "plugin", "value") VALUES (1, '1é	''\N', '1é	''\N', '{"n": 1, "text": "é \" \\ value"}');
INSERT INTO "plugin_state" ("id", "key", "plugin", "value") VALUES (2, '2é	''\N', '2é	''\N', '{"n": 2, "text": "é \" \\ value"}');
INSERT INTO "plugin_state" ("id", "key", "plugin", "value") VALUES (3, '3é	''\N', '3é	''\N', '{"n": 3, "text": "é \" \\ value"}');
INSERT INTO "product" ("category", "currency", "data", "id", "image_url", "price", "price_at", "product_id", "published", "rank", "shop", "stock", "title", "updated_at", "url") VALUES ('1é	''\N', '1é	', '{"n": 1, "text": "é \" \\ data"}', 1, '1é	''\N', 1, 1, '1é	''\N', 1, 1, '1é	''\N', '1é	''\N', '1é	''\N', 1, '1é	''\N');
INSERT INTO "product" ("category", "currency", "data", "id", "image_url", "price", "price_at", "product_id", "published", "rank", "shop", "stock", "title", "updated_at", "url") VALUES ('2é	''\N', '2é	', '{"n": 2, "text": "é \" \\ data"}', 2, '2é	''\N', 2, 2, '2é	''\N', 2, 2, '2é	''\N', '2é	''\N', '2é	''\N', 2, '2é	''\N');
INSERT INTO "product" ("category", "currency", "data", "id", "image_url", "price", "price_at", "product_id", "published", "rank", "shop", "stock", "title", "updated_at", "url") VALUES ('3é	''\N', '3é	', '{"n": 3, "text": "é \" \\ data"}', 3, '3é	''\N', 3, 3, '3é	''\N', 3, 3, '3é	''\N', '3é	''\N', '3é	''\N', 3, '3é	''\N');
INSERT INTO "refusal" ("at", "id", "node_id", "output", "purpose", "reason") VALUES (1, 1, 1, '1é	''\N', '1é	''\N', '1é	''\N');
INSERT INTO "refusal" ("at", "id", "node_id", "output", "purpose", "reason") VALUES (2, 2, 2, '2é	''\N', '2é	''\N', '2é	''\N');
INSERT INTO "refusal" ("at", "id", "node_id", "output", "purpose", "reason") VALUES (3, 3, 3, '3é	''\N', '3é	''\N', '3é	''\N');
INSERT INTO "shop_order" ("currency", "data", "id", "node_id", "order_id", "placed_at", "provisional", "rank", "refunded", "shop", "status", "total", "updated_at") VALUES ('1é	', '{"n": 1, "text": "é \" \\ data"}', 1, 1, '1é	''\N', 1, 1, 1, 1, '1é	''\N', '1é	''\N', 1, 1);
INSERT INTO "shop_order" ("currency", "data", "id", "node_id", "order_id", "placed_at", "provisional", "rank", "refunded", "shop", "status", "total", "updated_at") VALUES ('2é	', '{"n": 2, "text": "é \" \\ data"}', 2, 2, '2é	''\N', 2, 2, 2, 2, '2é	''\N', '2é	''\N', 2, 2);
INSERT INTO "shop_order" ("currency", "data", "id", "node_id", "order_id", "placed_at", "provisional", "rank", "refunded", "shop", "status", "total", "updated_at") VALUES ('3é	', '{"n": 3, "text": "é \" \\ data"}', 3, 3, '3é	''\N', 3, 3, 3, 3, '3é	''\N', '3é	''\N', 3, 3);
INSERT INTO "source" ("browser_identify", "enabled", "id", "kind", "last_seen", "name", "shop", "shop_url", "write_key") VALUES ('1é	''\N', 1, 1, '1é	''\N', 1, '1é	''\N', '1é	''\N', '1é	''\N', '1é	''\N');
INSERT INTO "source" ("browser_identify", "enabled", "id", "kind", "last_seen", "name", "shop", "shop_url", "write_key") VALUES ('2é	''\N', 2, 2, '2é	''\N', 2, '2é	''\N', '2é	''\N', '2é	''\N', '2é	''\N');
INSERT INTO "source" ("browser_identify", "enabled", "id", "kind", "last_seen", "name", "shop", "shop_url", "write_key") VALUES ('3é	''\N', 3, 3, '3é	''\N', 3, '3é	''\N', '3é	''\N', '3é	''\N', '3é	''\N');
INSERT INTO "staff" ("created_at", "disabled", "email", "id", "name", "password_hash", "role") VALUES (1, 1, '1é	''\N', 1, '1é	''\N', '1é	''\N', '1é	''\N');
INSERT INTO "staff" ("created_at", "disabled", "email", "id", "name", "password_hash", "role") VALUES (2, 2, '2é	''\N', 2, '2é	''\N', '2é	''\N', '2é	''\N');
INSERT INTO "staff" ("created_at", "disabled", "email", "id", "name", "password_hash", "role") VALUES (3, 3, '3é	''\N', 3, '3é	''\N', '3é	''\N', '3é	''\N');
INSERT INTO "staff_session" ("created_at", "staff_id", "token_hash", "used_at") VALUES (1, 1, '1é	''\N', 1);
INSERT INTO "staff_session" ("created_at", "staff_id", "token_hash", "used_at") VALUES (2, 2, '2é	''\N', 2);
INSERT INTO "staff_session" ("created_at", "staff_id", "token_hash", "used_at") VALUES (3, 3, '3é	''\N', 3);
INSERT INTO "used_token" ("at", "jti") VALUES (1, '1é	''\N');
INSERT INTO "used_token" ("at", "jti") VALUES (2, '2é	''\N');
INSERT INTO "used_token" ("at", "jti") VALUES (3, '3é	''\N');
INSERT INTO "workspace" ("consent", "currency", "id", "locale", "name", "pause_output", "timezone") VALUES ('{"n": 1, "text": "é \" \\ consent"}', '1é	', 1, '1é	''\N', '1é	''\N', 1, '1é	''\N');
INSERT INTO "workspace" ("consent", "currency", "id", "locale", "name", "pause_output", "timezone") VALUES ('{"n": 2, "text": "é \" \\ consent"}', '2é	', 2, '2é	''\N', '2é	''\N', 2, '2é	''\N');
INSERT INTO "workspace" ("consent", "currency", "id", "locale", "name", "pause_output", "timezone") VALUES ('{"n": 3, "text": "é \" \\ consent"}', '3é	', 3, '3é	''\N', '3é	''\N', 3, '3é	''\N');
